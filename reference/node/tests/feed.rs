//! HAC and HA apart, as two programs of one host would be: associations go over the Unix domain socket.

mod node_at_work;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use node::bound::{BoundHa, BoundHac};
use node::home::{Advertised, CORRESPONDENT, HaSettings, HacSettings, loopback_address};
use node::sa_feed::{FeedClient, FeedListener, SaSink};
use node::tls::TlsVersions;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use wire::value::Port;

use node_at_work::{Worker, identities, in_time};

/// A folder of this test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mip6-node-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn feed(&self) -> PathBuf {
        self.0.join("feed")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start_ha(tasks: &mut JoinSet<()>, feed: &Path) -> std::net::SocketAddr {
    let ha = BoundHa::bind(HaSettings::listening_on((loopback_address(), 0).into())).expect("an HA");
    let address = ha.address();
    let machine = Box::new(ha.setup().honest());
    let (to_ha, associations) = mpsc::channel(1);
    let listener = FeedListener::bind(feed).expect("a feed");
    tasks.spawn(async move { listener.serve(to_ha).await });
    tasks.spawn(async move {
        let statistics = ha.serve(machine, associations, std::future::pending()).await;
        panic!("the HA ended: {statistics:?}");
    });
    address
}

fn start_hac(tasks: &mut JoinSet<()>, ha: std::net::SocketAddr, feed: PathBuf) -> Worker {
    let mut settings = HacSettings::listening_on((loopback_address(), 0).into());
    settings.advertised = match ha {
        std::net::SocketAddr::V4(ha) => Advertised { ip4: Some(*ha.ip()), ..Advertised::default() },
        std::net::SocketAddr::V6(ha) => Advertised { ip6: Some(*ha.ip()), ..Advertised::default() },
    };
    settings.advertised.port = Port::new(ha.port());
    let hac = BoundHac::bind(settings, None).expect("a HAC");
    let worker = Worker::new(hac.address(), hac.authority_pem(), "localhost", TlsVersions::Both);
    let machine = Box::new(hac.setup(identities()).honest());
    tasks.spawn(async move {
        let end = hac.serve(machine, SaSink::Socket(FeedClient::new(feed))).await;
        panic!("the HAC ended: {end:?}");
    });
    worker
}

#[tokio::test]
async fn a_whole_life_with_hac_and_ha_apart() {
    let folder = Folder::new("apart");
    let mut tasks = JoinSet::new();
    let ha = start_ha(&mut tasks, &folder.feed());
    let mode = std::fs::metadata(folder.feed()).expect("the socket is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut node = start_hac(&mut tasks, ha, folder.feed()).node(|_| {});
    in_time(async {
        let source = node_at_work::register(&mut node).await;
        node_at_work::ping(&mut node, source, CORRESPONDENT, 1).await;
        node_at_work::deregister(&mut node).await;
    })
    .await;
}

#[tokio::test]
async fn without_an_ha_nobody_is_told_of_an_association() {
    let folder = Folder::new("nobody");
    let mut tasks = JoinSet::new();
    let nowhere = (loopback_address(), 9).into();
    let node = start_hac(&mut tasks, nowhere, folder.feed()).node(|_| {});
    let failure = in_time(node_at_work::failure(node)).await;
    assert_eq!(failure.machine.field, "connection to the HAC");
}

#[tokio::test]
async fn a_hac_survives_a_new_ha_at_the_same_place() {
    let folder = Folder::new("again");
    let mut first_ha = JoinSet::new();
    let mut hac = JoinSet::new();
    let address = start_ha(&mut first_ha, &folder.feed());
    let worker = start_hac(&mut hac, address, folder.feed());
    let again = worker.clone();
    in_time(node_at_work::register(&mut worker.node(|_| {}))).await;

    first_ha.shutdown().await;
    // The same address, which the HAC hands out; the old socket is closed.
    let ha = BoundHa::bind(HaSettings::listening_on(address)).expect("the port is free again");
    let machine = Box::new(ha.setup().honest());
    let (to_ha, associations) = mpsc::channel(1);
    let listener = FeedListener::bind(&folder.feed()).expect("the place is free again");
    let mut second_ha = JoinSet::new();
    second_ha.spawn(async move { listener.serve(to_ha).await });
    second_ha.spawn(async move {
        let _ = ha.serve(machine, associations, std::future::pending()).await;
    });
    in_time(node_at_work::register(&mut again.node(|_| {}))).await;
}

#[tokio::test]
async fn two_has_cannot_have_one_place() {
    let folder = Folder::new("two");
    let _first = FeedListener::bind(&folder.feed()).expect("the first");
    let second = FeedListener::bind(&folder.feed()).err().expect("no second");
    assert_eq!(second.kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn a_line_that_is_no_association_is_refused_and_installs_nothing() {
    let folder = Folder::new("refused");
    let listener = FeedListener::bind(&folder.feed()).expect("a feed");
    let (to_ha, mut associations) = mpsc::channel(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { listener.serve(to_ha).await });
    let mut stream = BufReader::new(UnixStream::connect(folder.feed()).await.expect("connected"));
    for line in ["{}", "[]", "not JSON \u{1b}[31m", "{\"spi\":0}", "{\"installed\":1}"] {
        stream.write_all(line.as_bytes()).await.expect("written");
        stream.write_all(b"\n").await.expect("written");
        let mut answer = String::new();
        in_time(stream.read_line(&mut answer)).await.expect("an answer");
        assert!(answer.starts_with("{\"refused\":"), "{answer:?}");
        assert!(!answer.contains('\u{1b}'), "{answer:?}");
    }
    assert!(associations.try_recv().is_err());
}
