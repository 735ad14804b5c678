package main

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/record"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	fakeclient "sigs.k8s.io/controller-runtime/pkg/client/fake"

	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/controllers/provisioning"
	"sigs.k8s.io/karpenter/pkg/controllers/state"
	"sigs.k8s.io/karpenter/pkg/events"
	podutil "sigs.k8s.io/karpenter/pkg/utils/pod"
)

// world is what upstream's provisioner sees: an API server's content, its own view of it, and the pods that wait.
type world struct {
	cluster     *state.Cluster
	provisioner *provisioning.Provisioner
	pending     []*corev1.Pod
}

// newWorld loads objects. Pods without a node stay outside the API server: upstream reads none of them there while it
// decides, and its fake client is slow with many.
func newWorld(ctx context.Context, scheme *runtime.Scheme, provider catalogProvider, objects []client.Object) (*world, error) {
	w := &world{}
	builder := fakeclient.NewClientBuilder().WithScheme(scheme).
		WithIndex(&corev1.Pod{}, "spec.nodeName", func(o client.Object) []string { return []string{o.(*corev1.Pod).Spec.NodeName} }).
		WithIndex(&corev1.Node{}, "spec.providerID", func(o client.Object) []string { return []string{o.(*corev1.Node).Spec.ProviderID} }).
		WithIndex(&karpv1.NodeClaim{}, "status.providerID", func(o client.Object) []string {
			return []string{o.(*karpv1.NodeClaim).Status.ProviderID}
		})
	for _, object := range objects {
		if pod, ok := object.(*corev1.Pod); ok && pod.Spec.NodeName == "" {
			w.pending = append(w.pending, pod)
			continue
		}
		builder = builder.WithObjects(object)
	}
	kubeClient := builder.Build()
	real := clock.RealClock{}
	w.cluster = state.NewCluster(real, kubeClient, provider)
	recorder := events.NewRecorder(&record.FakeRecorder{})
	w.provisioner = provisioning.NewProvisioner(kubeClient, recorder, provider, w.cluster, real, nil, nil)
	return w, w.observe(ctx, objects)
}

// observe tells the cluster state of claims, then nodes, then DaemonSets, then bound pods, as its informers would.
func (w *world) observe(ctx context.Context, objects []client.Object) error {
	for _, object := range objects {
		if claim, ok := object.(*karpv1.NodeClaim); ok {
			w.cluster.UpdateNodeClaim(claim)
		}
	}
	for _, object := range objects {
		var err error
		switch object := object.(type) {
		case *corev1.Node:
			err = w.cluster.UpdateNode(ctx, object)
		case *appsv1.DaemonSet:
			err = w.cluster.UpdateDaemonSet(ctx, object)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", object.GetName(), err)
		}
	}
	for _, object := range objects {
		if pod, ok := object.(*corev1.Pod); ok && pod.Spec.NodeName != "" {
			if err := w.cluster.UpdatePod(ctx, pod); err != nil {
				return fmt.Errorf("pod %s: %w", client.ObjectKeyFromObject(pod), err)
			}
		}
	}
	return nil
}

// provisionable splits the waiting pods into those upstream plans for and those it refuses before planning.
func (w *world) provisionable(ctx context.Context) (pods []*corev1.Pod, refused map[*corev1.Pod]error) {
	refused = map[*corev1.Pod]error{}
	for _, pod := range w.pending {
		if podutil.IsOwnedByDaemonSet(pod) || podutil.IsOwnedByNode(pod) || podutil.IsTerminal(pod) || podutil.IsTerminating(pod) {
			continue
		}
		if err := w.provisioner.Validate(ctx, pod); err != nil {
			refused[pod] = err
			continue
		}
		pods = append(pods, pod)
	}
	return pods, refused
}
