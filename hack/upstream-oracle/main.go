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
	"github.com/samber/lo"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

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
	lines := flag.Bool("lines", false, "read Lists from standard input, one per line, and answer each with one line")
	cpu := flag.Int64("cpu", 5, "CPUs the scheduler believes to have; upstream's benchmark says 5")
	flag.Parse()
	ctx := options.ToContext(injection.WithControllerName(context.Background(), "provisioner"), &options.Options{
		CPURequests:       *cpu * 1000,
		PreferencePolicy:  options.PreferencePolicy(*preferences),
		MinValuesPolicy:   options.MinValuesPolicy(*minValues),
		IgnoreDRARequests: true,
		FeatureGates:      options.FeatureGates{ReservedCapacity: true},
	})
	types, err := readCatalog(*catalog)
	switch {
	case err != nil:
		err = fmt.Errorf("--catalog: %w", err)
	case *lines:
		err = answer(ctx, os.Stdin, os.Stdout, catalogProvider{types: types})
	default:
		err = run(ctx, inputs, catalogProvider{types: types}, *repeat)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "upstream-oracle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, inputs []string, provider catalogProvider, repeat int) error {
	scheme := newScheme()
	objects, err := readObjects(scheme, inputs)
	if err != nil {
		return err
	}
	outcomes, timings, err := repeated(ctx, scheme, provider, objects, repeat)
	if err != nil {
		return err
	}
	out := outcomes[len(outcomes)-1]
	out.Timings, out.SolveMs, out.PeakMiB = timings, summary(timings), peakMiB()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

// repeated decides repeat times about the same objects, each time in a world of its own: upstream breaks ties at random.
func repeated(ctx context.Context, scheme *runtime.Scheme, provider catalogProvider, objects []client.Object, repeat int) ([]outcome, []timing, error) {
	var outcomes []outcome
	var timings []timing
	for range max(repeat, 1) {
		fresh := lo.Map(objects, func(o client.Object, _ int) client.Object { return o.DeepCopyObject().(client.Object) })
		w, err := newWorld(ctx, scheme, provider, fresh)
		if err != nil {
			return nil, nil, err
		}
		results, failed, spent, err := simulate(ctx, w)
		if err != nil {
			return nil, nil, err
		}
		outcomes = append(outcomes, newOutcome(results, failed))
		timings = append(timings, spent)
	}
	return outcomes, timings, nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
