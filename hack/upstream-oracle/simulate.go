package main

import (
	"context"
	"slices"
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

// solveTime sums up the solves of all runs, in milliseconds; the median of two is the slower one.
type solveTime struct {
	Median      float64 `json:"median"`
	Minimum     float64 `json:"minimum"`
	Repetitions int     `json:"repetitions"`
}

func summary(timings []timing) *solveTime {
	solves := lo.Map(timings, func(t timing, _ int) float64 { return t.SolveMs })
	slices.Sort(solves)
	return &solveTime{Median: solves[len(solves)/2], Minimum: solves[0], Repetitions: len(solves)}
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
