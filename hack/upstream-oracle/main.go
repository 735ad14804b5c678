// Command upstream-oracle runs the scheduler of sigs.k8s.io/karpenter, as its module publishes it, on the input of
// `kubectl karpenter simulate scheduling` and prints the same JSON, with the time it took.
//
// Setup (listing, topology counting, building the scheduler) and solving are timed apart, so that a comparison can
// leave out what upstream's own benchmark leaves out.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/karpenter/pkg/operator/injection"
	"sigs.k8s.io/karpenter/pkg/operator/options"
)

var karpv1GroupVersion = schema.GroupVersion{Group: "karpenter.sh", Version: "v1"}

type files []string

func (f *files) String() string { return fmt.Sprint(*f) }
func (f *files) Set(path string) error {
	*f = append(*f, path)
	return nil
}

func main() {
	log.SetLogger(logr.Discard())
	var inputs files
	flag.Var(&inputs, "f", "file with Kubernetes objects, YAML or JSON; repeatable; - is standard input")
	catalog := flag.String("catalog", "", "catalogue of instance types, KWOK's instance_types.json format")
	preferences := flag.String("preference-policy", "Respect", "Respect or Ignore")
	minValues := flag.String("min-values-policy", "Strict", "Strict or BestEffort")
	repeat := flag.Int("repeat", 1, "runs, each on a world of its own; all are timed, the last is printed")
	cpu := flag.Int64("cpu", 5, "CPUs the scheduler believes to have; upstream's benchmark says 5")
	flag.Parse()
	ctx := options.ToContext(injection.WithControllerName(context.Background(), "provisioner"), &options.Options{
		CPURequests:       *cpu * 1000,
		PreferencePolicy:  options.PreferencePolicy(*preferences),
		MinValuesPolicy:   options.MinValuesPolicy(*minValues),
		IgnoreDRARequests: true,
		FeatureGates:      options.FeatureGates{ReservedCapacity: true},
	})
	if err := run(ctx, inputs, *catalog, *repeat); err != nil {
		fmt.Fprintln(os.Stderr, "upstream-oracle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, inputs []string, catalog string, repeat int) error {
	types, err := readCatalog(catalog)
	if err != nil {
		return fmt.Errorf("--catalog: %w", err)
	}
	scheme := newScheme()
	objects, err := readObjects(scheme, inputs)
	if err != nil {
		return err
	}
	var out outcome
	var timings []timing
	for range max(repeat, 1) {
		w, err := newWorld(ctx, scheme, catalogProvider{types: types}, objects)
		if err != nil {
			return err
		}
		results, failed, spent, err := simulate(ctx, w)
		if err != nil {
			return err
		}
		out = newOutcome(results, failed)
		timings = append(timings, spent)
	}
	out.Timings, out.PeakMiB = timings, peakMiB()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
