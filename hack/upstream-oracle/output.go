package main

import (
	"bufio"
	"cmp"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/samber/lo"
	corev1 "k8s.io/api/core/v1"

	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/controllers/provisioning/scheduling"
)

type outcome struct {
	Claims        []claim       `json:"claims"`
	Placements    []placement   `json:"placements"`
	Unschedulable []unscheduled `json:"unschedulable"`
	CostPerHour   float64       `json:"cost_per_hour"`
	SolveMs       *solveTime    `json:"solve_ms,omitempty"`
	Timings       []timing      `json:"timings,omitempty"`
	PeakMiB       float64       `json:"peak_mib,omitempty"`
}

type claim struct {
	Pool          string                                        `json:"pool"`
	Requirements  []karpv1.NodeSelectorRequirementWithMinValues `json:"requirements"`
	InstanceTypes []string                                      `json:"instance_types"`
	Pods          []string                                      `json:"pods"`
	PricePerHour  float64                                       `json:"price_per_hour"`
}

type placement struct {
	Node string   `json:"node"`
	Pods []string `json:"pods"`
}

type unscheduled struct {
	Pod     string   `json:"pod"`
	Reasons []string `json:"reasons"`
}

func newOutcome(results scheduling.Results, failed map[*corev1.Pod]error) outcome {
	out := outcome{Claims: []claim{}, Placements: []placement{}, Unschedulable: []unscheduled{}}
	for _, planned := range results.NewNodeClaims {
		c := newClaim(planned)
		out.Claims = append(out.Claims, c)
		out.CostPerHour += c.PricePerHour
	}
	for _, node := range results.ExistingNodes {
		if len(node.Pods) > 0 {
			out.Placements = append(out.Placements, placement{Node: node.Name(), Pods: names(node.Pods)})
		}
	}
	for pod, err := range failed {
		out.Unschedulable = append(out.Unschedulable, unscheduled{Pod: name(pod), Reasons: []string{err.Error()}})
	}
	slices.SortFunc(out.Unschedulable, func(a, b unscheduled) int { return cmp.Compare(a.Pod, b.Pod) })
	return out
}

func newClaim(planned *scheduling.NodeClaim) claim {
	types := cloudprovider.InstanceTypes(planned.InstanceTypeOptions).OrderByPrice(planned.Requirements)
	requirements := planned.Requirements.NodeSelectorRequirements()
	slices.SortFunc(requirements, func(a, b karpv1.NodeSelectorRequirementWithMinValues) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Operator, b.Operator))
	})
	for i := range requirements {
		slices.Sort(requirements[i].Values)
	}
	c := claim{
		Pool:          planned.NodePoolName,
		Requirements:  requirements,
		InstanceTypes: lo.Map(types, func(it *cloudprovider.InstanceType, _ int) string { return it.Name }),
		Pods:          names(planned.Pods),
	}
	if len(types) > 0 {
		c.PricePerHour = types[0].Offerings.Available().Compatible(planned.Requirements).Cheapest().Price
	}
	return c
}

func names(pods []*corev1.Pod) []string {
	return lo.Map(pods, func(pod *corev1.Pod, _ int) string { return name(pod) })
}

func name(pod *corev1.Pod) string { return pod.Namespace + "/" + pod.Name }

// peakMiB is the most memory this process has held, 0 where the kernel does not say.
func peakMiB() float64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "VmHWM:" {
			kib, _ := strconv.ParseFloat(fields[1], 64)
			return kib / 1024
		}
	}
	return 0
}
