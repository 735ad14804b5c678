package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	kwok "sigs.k8s.io/karpenter/kwok/apis"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
)

// newScheme knows every kind an input file may hold.
func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	must(clientgoscheme.AddToScheme(scheme))
	scheme.AddKnownTypes(karpv1GroupVersion, &karpv1.NodePool{}, &karpv1.NodePoolList{}, &karpv1.NodeClaim{}, &karpv1.NodeClaimList{})
	metav1.AddToGroupVersion(scheme, karpv1GroupVersion)
	return scheme
}

// readObjects returns the objects of all files in file order; lists are taken apart.
func readObjects(scheme *runtime.Scheme, paths []string) ([]client.Object, error) {
	var objects []client.Object
	for _, path := range paths {
		raw, err := readFile(path)
		if err != nil {
			return nil, err
		}
		found, err := decodeAll(scheme, raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		objects = append(objects, found...)
	}
	completeAll(objects)
	return objects, nil
}

func completeAll(objects []client.Object) {
	for i, object := range objects {
		complete(object, i)
	}
}

func readFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}

func decodeAll(scheme *runtime.Scheme, raw []byte) ([]client.Object, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 64*1024)
	var objects []client.Object
	for n := 1; ; n++ {
		var document json.RawMessage
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		found, err := decode(scheme, document)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		objects = append(objects, found...)
	}
}

// decode reads one document; an empty one holds nothing, a List holds its items.
func decode(scheme *runtime.Scheme, document json.RawMessage) ([]client.Object, error) {
	if len(document) == 0 || string(document) == "null" {
		return nil, nil
	}
	var head struct {
		metav1.TypeMeta
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(document, &head); err != nil {
		return nil, err
	}
	if head.Kind == "List" {
		var objects []client.Object
		for _, item := range head.Items {
			found, err := decode(scheme, item)
			if err != nil {
				return nil, err
			}
			objects = append(objects, found...)
		}
		return objects, nil
	}
	empty, err := scheme.New(head.GroupVersionKind())
	if err != nil {
		return nil, err
	}
	object, ok := empty.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%s is not an object", head.Kind)
	}
	if err := json.Unmarshal(document, object); err != nil {
		return nil, err
	}
	return []client.Object{object}, nil
}

// complete adds what an API server adds and upstream's scheduler reads.
func complete(object client.Object, index int) {
	if object.GetUID() == "" {
		object.SetUID(types.UID(fmt.Sprintf("00000000-0000-0000-0000-%012d", index)))
	}
	if created := object.GetCreationTimestamp(); created.IsZero() {
		object.SetCreationTimestamp(metav1.NewTime(time.Unix(1_700_000_000, 0)))
	}
	switch object.(type) {
	case *karpv1.NodePool, *karpv1.NodeClaim, *corev1.Node, *corev1.PersistentVolume, *corev1.Namespace, *storagev1.StorageClass, *storagev1.CSINode:
		object.SetNamespace("")
	case *corev1.Pod, *appsv1.DaemonSet, *corev1.PersistentVolumeClaim:
		if object.GetNamespace() == "" {
			object.SetNamespace("default")
		}
	}
	if pool, ok := object.(*karpv1.NodePool); ok {
		// Which cloud a pool is written for plays no part here, and upstream wants a kind the provider supports.
		pool.Spec.Template.Spec.NodeClassRef = &karpv1.NodeClassReference{
			Group: kwok.Group, Kind: "KWOKNodeClass", Name: "default",
		}
		for _, condition := range []string{karpv1.ConditionTypeValidationSucceeded, karpv1.ConditionTypeNodeClassReady} {
			pool.StatusConditions().SetTrue(condition)
		}
	}
}
