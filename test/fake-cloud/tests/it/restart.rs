//! A stopped and restarted cloud goes on where it was; a damaged file is named with its field.
//!
//! Source: a promise of this server: an Alibaba region keeps its instances whoever restarts.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use fake_cloud::{DataError, FakeCloud, FaultSpec, Market, RateLimit, Stock};

use crate::lab::Lab;

/// A directory of its own for each test, removed at the end.
pub(crate) struct Dir(PathBuf);

impl Dir {
    pub(crate) fn new() -> Dir {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("fake-cloud-{}-{}", std::process::id(), NEXT.fetch_add(1, SeqCst));
        Dir(std::env::temp_dir().join(name))
    }

    /// A data file that does not exist yet.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("cloud.json")
    }

    /// Another file with this text.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::create_dir_all(&self.0).unwrap();
        fs::write(self.0.join(name), text).unwrap();
        self.0.join(name)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_restarted_cloud_still_has_what_it_had() {
    let dir = Dir::new();
    let first = Lab::stored(dir.file());
    first.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Units(3));
    first.cloud.fail("DeleteInstances", FaultSpec::error(503, "ServiceUnavailable").after(1));
    first.cloud.throttle("DescribeImages", RateLimit::per_minute(1));
    first.cloud.set_spot_price("ecs.g7.large", "cn-hangzhou-h", 0.125);
    let launch = [
        ("ClientToken", "t1"),
        ("Tag.1.Key", "a"),
        ("Tag.1.Value", "b"),
        ("DataDisk.1.Size", "40"),
        ("DataDisk.1.Category", "cloud_essd"),
    ];
    let ids = first.launch(&launch).await.ids();
    let before = first.cloud.instances();

    let second = first.restarted(dir.file());
    assert_eq!(second.cloud.instances(), before);
    assert_eq!(
        second.cloud.stock(Market::OnDemand, "ecs.g7.large", "cn-hangzhou-h"),
        Some(Stock::Units(2))
    );
    assert_eq!(second.cloud.spot_price("ecs.g7.large", "cn-hangzhou-h"), Some(0.125));
    assert_eq!(second.launch(&launch).await.ids(), ids, "the client token is remembered");
    assert_ne!(second.launch(&[]).await.ids(), ids, "ids go on, they do not start again");
    second.advance(60);
    let delete = [("InstanceId.1", ids[0].as_str()), ("Force", "true")];
    assert_eq!(second.ecs("DescribeImages", &[]).await.code(), "OK");
    assert_eq!(second.ecs("DescribeImages", &[]).await.code(), "Throttling.User");
    assert_eq!(
        second.ecs("DeleteInstances", &[("InstanceId.1", "i-none")]).await.code(),
        "InvalidInstanceId.NotFound"
    );
    assert_eq!(second.ecs("DeleteInstances", &delete).await.code(), "ServiceUnavailable");
    assert_eq!(second.ecs("DeleteInstances", &delete).await.code(), "OK");
}

#[tokio::test]
async fn time_goes_on_while_the_cloud_is_stopped() {
    let dir = Dir::new();
    let first = Lab::stored(dir.file());
    let ids = first.launch(&[]).await.ids();
    first.advance(30);
    first.ecs("DeleteInstances", &[("InstanceId.1", ids[0].as_str()), ("Force", "true")]).await;
    first.launch(&[]).await;
    first.advance(30);
    let second = first.restarted(dir.file());
    assert_eq!(second.cloud.instances().len(), 1, "the released one is gone");
    assert_eq!(second.cloud.running().len(), 1, "the other one has booted");
}

#[tokio::test]
async fn request_ids_of_a_restarted_cloud_are_new() {
    let dir = Dir::new();
    let first = Lab::stored(dir.file());
    let id = |answer: crate::lab::Answer| answer.at("/RequestId").as_str().unwrap().to_owned();
    let before = id(first.ecs("DescribeZones", &[]).await);
    let second = first.restarted(dir.file());
    assert_ne!(id(second.ecs("DescribeZones", &[]).await), before);
}

#[test]
fn a_damaged_file_is_refused_with_its_name_and_the_field() {
    let dir = Dir::new();
    drop(FakeCloud::open(Lab::config(dir.file())).unwrap());
    let good = fs::read_to_string(dir.file()).unwrap();
    for (from, to, field) in [
        ("\"region\": \"cn-hangzhou\"", "\"region\": 7", "world.region"),
        ("\"pending\": \"2s\"", "\"pending\": \"2 weeks\"", "world.timing.pending"),
        ("\"version\": 1", "\"version\": 2", "version"),
        ("\"prices\"", "\"pricez\"", "world.pricez"),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(dir.file(), good.replacen(from, to, 1)).unwrap();
        let error = FakeCloud::open(Lab::config(dir.file())).err().unwrap();
        let text = error.to_string();
        assert!(matches!(&error, DataError::Damaged { field: f, .. } if f == field), "{text}");
        assert!(text.contains("cloud.json") && text.contains(field), "{text}");
    }
    fs::write(dir.file(), &good[..good.len() / 2]).unwrap();
    let error = FakeCloud::open(Lab::config(dir.file())).err().unwrap();
    assert!(error.to_string().contains("EOF"), "{error}");
    assert_eq!(fs::read_to_string(dir.file()).unwrap(), good[..good.len() / 2], "left as it was");
}

#[test]
fn a_file_of_another_region_or_seed_is_refused() {
    let dir = Dir::new();
    drop(FakeCloud::open(Lab::config(dir.file())).unwrap());
    let mut config = Lab::config(dir.file());
    config.seed = 8;
    let error = FakeCloud::open(config).err().unwrap().to_string();
    assert!(error.contains("has seed 7, this cloud has 8"), "{error}");
}

#[tokio::test]
async fn a_call_whose_change_cannot_be_saved_says_so() {
    let dir = Dir::new();
    let lab = Lab::stored(dir.file());
    fs::remove_dir_all(&dir.0).unwrap();
    fs::write(&dir.0, "in the way").unwrap();
    let answer = lab.launch(&[]).await;
    assert_eq!((answer.status, answer.code()), (500, "InternalError"));
    assert!(answer.text.contains("cannot write the data file"), "{}", answer.text);
    fs::remove_file(&dir.0).unwrap();
}
