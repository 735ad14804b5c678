package main

import (
	"context"
	"errors"

	"github.com/awslabs/operatorpkg/status"

	kwokv1alpha1 "sigs.k8s.io/karpenter/kwok/apis/v1alpha1"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
)

var errNotSimulated = errors.New("a simulation launches nothing")

// catalogProvider offers one catalogue to every NodePool and can do nothing else.
type catalogProvider struct {
	types []*cloudprovider.InstanceType
}

var _ cloudprovider.CloudProvider = catalogProvider{}

func (p catalogProvider) GetInstanceTypes(context.Context, *karpv1.NodePool) ([]*cloudprovider.InstanceType, error) {
	return p.types, nil
}
func (catalogProvider) Create(context.Context, *karpv1.NodeClaim) (*karpv1.NodeClaim, error) {
	return nil, errNotSimulated
}
func (catalogProvider) Delete(context.Context, *karpv1.NodeClaim) error { return errNotSimulated }
func (catalogProvider) Get(context.Context, string) (*karpv1.NodeClaim, error) {
	return nil, errNotSimulated
}
func (catalogProvider) List(context.Context) ([]*karpv1.NodeClaim, error) { return nil, nil }
func (catalogProvider) IsDrifted(context.Context, *karpv1.NodeClaim) (cloudprovider.DriftReason, error) {
	return "", nil
}
func (catalogProvider) Reboot(context.Context, *karpv1.NodeClaim, string) error {
	return errNotSimulated
}
func (catalogProvider) RepairPolicies() []cloudprovider.RepairPolicy { return nil }
func (catalogProvider) Name() string                                 { return "catalog" }

// GetSupportedNodeClasses names one kind: upstream leaves NodePools of any other alone.
func (catalogProvider) GetSupportedNodeClasses() []status.Object {
	return []status.Object{&kwokv1alpha1.KWOKNodeClass{}}
}
