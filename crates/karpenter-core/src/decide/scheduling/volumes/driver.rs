//! Which CSI driver attaches a volume.

use std::sync::Arc;

use crate::model::persistent_volume::VolumeSource;

/// In-tree plugins and the drivers that do their work today.
///
/// Source: Kubernetes (CSI migration).
const IN_TREE: [(&str, &str); 7] = [
    ("kubernetes.io/aws-ebs", EBS),
    ("kubernetes.io/azure-disk", "disk.csi.azure.com"),
    ("kubernetes.io/azure-file", "file.csi.azure.com"),
    ("kubernetes.io/cinder", "cinder.csi.openstack.org"),
    ("kubernetes.io/gce-pd", "pd.csi.storage.gke.io"),
    ("kubernetes.io/portworx-volume", "pxd.portworx.com"),
    ("kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"),
];

const EBS: &str = "ebs.csi.aws.com";

/// The driver of volumes that a class with this `provisioner` makes.
pub(super) fn of_provisioner(provisioner: &Arc<str>) -> Arc<str> {
    let known = IN_TREE.iter().find(|(in_tree, _)| **in_tree == **provisioner);
    known.map_or_else(|| provisioner.clone(), |(_, driver)| (*driver).into())
}

/// The driver of a volume; `None` when nothing has to be attached.
pub(super) fn of_source(source: &VolumeSource) -> Option<Arc<str>> {
    match source {
        VolumeSource::Csi(driver) => Some(driver.clone()),
        VolumeSource::AwsElasticBlockStore => Some(EBS.into()),
        VolumeSource::OfOneNode | VolumeSource::Other => None,
    }
}
