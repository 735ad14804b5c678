package main

import (
	"context"
	"time"

	"github.com/samber/lo"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"

	"sigs.k8s.io/karpenter/pkg/controllers/provisioning/scheduling"
	"sigs.k8s.io/karpenter/pkg/operator/options"
)

// timing of one run, in milliseconds.
type timing struct {
	SetupMs float64 `json:"setup_ms"`
	SolveMs float64 `json:"solve_ms"`
}

// simulate runs upstream's scheduler once on a world nobody has solved before.
func simulate(ctx context.Context, w *world) (scheduling.Results, map[*corev1.Pod]error, timing, error) {
	pods, refused := w.provisionable(ctx)
	begin := time.Now()
	settings := options.FromContext(ctx)
	opts := []scheduling.Options{
		scheduling.DisableReservedCapacityFallback,
		scheduling.NumConcurrentReconciles(int(settings.CPURequests+999) / 1000),
		scheduling.MinValuesPolicy(settings.MinValuesPolicy),
	}
	if settings.PreferencePolicy == options.PreferencePolicyIgnore {
		opts = append(opts, scheduling.IgnorePreferences)
	}
	nodes := w.cluster.DeepCopyNodes()
	scheduler, err := w.provisioner.NewScheduler(ctx, pods, nodes.Active(), sets.New[types.UID](), opts...)
	if err != nil {
		return scheduling.Results{}, refused, timing{}, err
	}
	ready := time.Now()
	results, err := scheduler.Solve(ctx, pods)
	done := time.Now()
	if err != nil {
		return scheduling.Results{}, refused, timing{}, err
	}
	results = results.TruncateInstanceTypes(ctx, scheduling.MaxInstanceTypes)
	spent := timing{SetupMs: milliseconds(ready.Sub(begin)), SolveMs: milliseconds(done.Sub(ready))}
	return results, lo.Assign(refused, results.PodErrors), spent, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
