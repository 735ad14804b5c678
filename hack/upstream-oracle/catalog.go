package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"

	"github.com/samber/lo"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/scheduling"
)

// Labels every type of the catalogue format carries.
const (
	labelSize   = "karpenter.kwok.sh/instance-size"
	labelFamily = "karpenter.kwok.sh/instance-family"
	labelCPU    = "karpenter.kwok.sh/instance-cpu"
	labelMemory = "karpenter.kwok.sh/instance-memory"
)

type catalogType struct {
	Name             string              `json:"name"`
	Architecture     string              `json:"architecture"`
	OperatingSystems []string            `json:"operatingSystems"`
	Resources        corev1.ResourceList `json:"resources"`
	Offerings        []catalogOffering   `json:"offerings"`
}

type catalogOffering struct {
	Price               float64
	ReservationCapacity int
	Requirements        []corev1.NodeSelectorRequirement
}

// readCatalog reads the instance_types.json format of the KWOK provider; every offering counts as available.
func readCatalog(path string) ([]*cloudprovider.InstanceType, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows []catalogType
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	karpv1.WellKnownLabels.Insert(labelSize, labelFamily, labelCPU, labelMemory)
	return lo.Map(rows, func(row catalogType, _ int) *cloudprovider.InstanceType { return row.instanceType() }), nil
}

func (row catalogType) instanceType() *cloudprovider.InstanceType {
	capacity := lo.Assign(corev1.ResourceList{corev1.ResourcePods: resource.MustParse("110")}, row.Resources)
	cpu, memory := capacity[corev1.ResourceCPU], capacity[corev1.ResourceMemory]
	requirements := scheduling.NewLabelRequirements(map[string]string{
		corev1.LabelInstanceTypeStable: row.Name,
		corev1.LabelArchStable:         row.Architecture,
		labelSize:                      sizeOf(row.Name, cpu.String()),
		labelFamily:                    familyOf(row.Name),
		labelCPU:                       cpu.String(),
		labelMemory:                    memory.String(),
	})
	requirements.Add(scheduling.NewRequirement(corev1.LabelOSStable, corev1.NodeSelectorOpIn, row.OperatingSystems...))
	for _, key := range []string{corev1.LabelTopologyZone, karpv1.CapacityTypeLabelKey} {
		requirements.Add(scheduling.NewRequirement(key, corev1.NodeSelectorOpIn, row.offered(key)...))
	}
	return &cloudprovider.InstanceType{
		Name:         row.Name,
		Requirements: requirements,
		Capacity:     capacity,
		Offerings:    lo.Map(row.Offerings, func(o catalogOffering, _ int) *cloudprovider.Offering { return o.offering() }),
		Overhead: &cloudprovider.InstanceTypeOverhead{KubeReserved: corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse("100m"),
			corev1.ResourceMemory: resource.MustParse("10Mi"),
		}},
	}
}

// offered lists the values that offerings give to a label, each once, in file order.
func (row catalogType) offered(key string) []string {
	return lo.Uniq(lo.FlatMap(row.Offerings, func(o catalogOffering, _ int) []string {
		return lo.FlatMap(o.Requirements, func(r corev1.NodeSelectorRequirement, _ int) []string {
			return lo.Ternary(r.Key == key, r.Values, nil)
		})
	}))
}

func (o catalogOffering) offering() *cloudprovider.Offering {
	requirements := scheduling.NewRequirements(lo.Map(o.Requirements, func(r corev1.NodeSelectorRequirement, _ int) *scheduling.Requirement {
		karpv1.WellKnownLabels.Insert(r.Key)
		return scheduling.NewRequirement(r.Key, r.Operator, r.Values...)
	})...)
	return &cloudprovider.Offering{
		Requirements:        requirements,
		Price:               o.Price,
		Available:           true,
		ReservationCapacity: o.ReservationCapacity,
	}
}

var (
	familySize = regexp.MustCompile(`^\w+\.(nano|micro|small|medium|large|\d*xlarge|metal)$`)
	separator  = regexp.MustCompile(`[.-]`)
)

func sizeOf(name, cpu string) string {
	if found := familySize.FindStringSubmatch(name); found != nil {
		return found[1]
	}
	return cpu
}

func familyOf(name string) string {
	parts := separator.Split(name, 2)
	if len(parts) == 2 || name == "" {
		return parts[0]
	}
	return name[:1]
}
