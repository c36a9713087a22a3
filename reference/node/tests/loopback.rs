//! A home in this process, a mobile node beside it, real sockets on loopback between them.

mod node_at_work;

use std::net::{IpAddr, Ipv4Addr};

use crypto::auth::Profile;
use node::home::{CORRESPONDENT, HA_WITHOUT_IP6, Home, HomeConfig, Machines, RunningHome, loopback_address};
use node::mobile_node::Happening;
use node::tls::TlsVersions;
use proto::mn::{Config, Event, Fault, Input};
use wire::value::{Ciphersuite, Scope};

use node_at_work::{Worker, identities, in_time, psk};

fn home(config: HomeConfig) -> RunningHome {
    Home::start(config, identities(), Machines::honest).expect("a home on loopback")
}

fn worker(home: &RunningHome, versions: TlsVersions) -> Worker {
    Worker::new(home.hac_addr(), home.ca_pem(), "localhost", versions)
}

async fn whole_life(worker: Worker, change: impl FnOnce(&mut Config)) {
    let mut node = worker.node(change);
    let source = node_at_work::register(&mut node).await;
    for sequence in 1..=3 {
        node_at_work::ping(&mut node, source, CORRESPONDENT, sequence).await;
    }
    node_at_work::deregister(&mut node).await;
    node.finish().await;
}

#[tokio::test]
async fn every_tls_version_carries_a_whole_life() {
    let home = home(HomeConfig::loopback());
    for versions in [TlsVersions::Both, TlsVersions::Tls12, TlsVersions::Tls13] {
        in_time(whole_life(worker(&home, versions), |_| {})).await;
    }
    let statistics = home.stop().expect("it served to the end");
    assert_eq!(statistics.associations, 3);
    assert_eq!((statistics.delivered.packets, statistics.answered), (9, 9));
    assert!(statistics.discarded.is_empty(), "{:?}", statistics.discarded);
}

#[tokio::test]
async fn a_server_of_one_tls_version_refuses_the_other() {
    for (server, good, bad) in [
        (TlsVersions::Tls12, TlsVersions::Tls12, TlsVersions::Tls13),
        (TlsVersions::Tls13, TlsVersions::Tls13, TlsVersions::Tls12),
    ] {
        let mut config = HomeConfig::loopback();
        config.hac.tls = server;
        let home = home(config);
        in_time(whole_life(worker(&home, good), |_| {})).await;
        let failure = in_time(node_at_work::failure(worker(&home, bad).node(|_| {}))).await;
        assert!(failure.link.is_some(), "no handshake, so the connection itself failed");
    }
}

#[tokio::test]
async fn every_suite_and_scope_carries_a_whole_life() {
    let home = home(HomeConfig::loopback());
    for suite in Ciphersuite::ALL {
        for scope in Scope::ALL {
            let change = |config: &mut Config| {
                config.suites = vec![suite];
                config.scope = scope;
            };
            in_time(whole_life(worker(&home, TlsVersions::Both), change)).await;
        }
    }
}

#[tokio::test]
async fn profiles_meet_only_themselves() {
    for profile in [Profile::Rfc6618, Profile::Draft01] {
        let mut config = HomeConfig::loopback();
        config.hac.policy.profile = profile;
        let home = home(config);
        in_time(whole_life(worker(&home, TlsVersions::Both), |config| config.profile = profile)).await;

        let other = if profile == Profile::Draft01 { Profile::Rfc6618 } else { Profile::Draft01 };
        let node = worker(&home, TlsVersions::Both).node(|config| config.profile = other);
        let failure = in_time(node_at_work::failure(node)).await;
        assert_eq!((failure.machine.fault, failure.machine.field), (Fault::Hac, "auth"));
    }
}

#[tokio::test]
async fn an_ipv4_home_hands_out_both_addresses_of_its_ha() {
    let home = home(HomeConfig::on(Ipv4Addr::LOCALHOST.into()));
    let mut node = worker(&home, TlsVersions::Both).node(|_| {});
    node.handle(Input::Start);
    let ha = in_time(async {
        loop {
            if let Happening::Event(Event::Bootstrapped { ha, .. }) = node.next().await {
                return ha;
            }
        }
    })
    .await;
    assert_eq!((ha.ip4, ha.ip6), (Some(Ipv4Addr::LOCALHOST), Some(HA_WITHOUT_IP6)));
    assert_eq!(ha.port, home.ha_addr().port());
    in_time(whole_life(worker(&home, TlsVersions::Both), |_| {})).await;
}

#[tokio::test]
async fn a_node_that_moves_keeps_its_binding() {
    let home = home(HomeConfig::loopback());
    let mut node = worker(&home, TlsVersions::Both).node(|_| {});
    in_time(async {
        let source = node_at_work::register(&mut node).await;
        node_at_work::ping(&mut node, source, CORRESPONDENT, 1).await;
        node.move_to(IpAddr::from([0x2001, 0xdb8, 0xca, 0, 0, 0, 0, 2])).expect("another socket");
        node_at_work::await_registered(&mut node).await;
        node_at_work::ping(&mut node, source, CORRESPONDENT, 2).await;
        node_at_work::deregister(&mut node).await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_key_is_the_mobile_nodes_fault_or_the_hacs_never_the_path() {
    let home = home(HomeConfig::loopback());
    let node = worker(&home, TlsVersions::Both).node(|config| config.psk = psk(&[0x55; 32]));
    let failure = in_time(node_at_work::failure(node)).await;
    assert_ne!(failure.machine.fault, Fault::Path);
    assert!(failure.link.is_none());
    in_time(whole_life(worker(&home, TlsVersions::Both), |_| {})).await;
}

#[tokio::test]
async fn the_certificate_must_be_for_the_server_and_from_the_authority() {
    let home = home(HomeConfig::loopback());
    let stranger = node::certificate::Authority::new("stranger").expect("an authority");
    let cases = [
        ("another.example", home.ca_pem(), "a wrong DNS name"),
        ("192.0.2.1", home.ca_pem(), "a wrong address"),
        ("localhost", stranger.pem(), "a wrong authority"),
    ];
    for (name, ca_pem, what) in cases {
        let worker = Worker::new(home.hac_addr(), ca_pem, name, TlsVersions::Both);
        let failure = in_time(node_at_work::failure(worker.node(|_| {}))).await;
        assert!(failure.link.is_some(), "{what}");
    }
    let by_address =
        Worker::new(home.hac_addr(), home.ca_pem(), &home.hac_addr().ip().to_string(), TlsVersions::Both);
    in_time(whole_life(by_address, |_| {})).await;
}

#[tokio::test]
async fn a_wildcard_certificate_is_refused() {
    let authority = node::certificate::Authority::new("authority").expect("an authority");
    let server = authority.issue(&["*.example.com".into()]).expect("a certificate");
    let mut config = HomeConfig::loopback();
    let authority_pem = authority.pem().to_owned();
    config.hac.certificate = node::home::CertificateSource::Given { server, authority_pem };
    let home = home(config);
    let worker = Worker::new(home.hac_addr(), home.ca_pem(), "hac.example.com", TlsVersions::Both);
    let failure = in_time(node_at_work::failure(worker.node(|_| {}))).await;
    let said = failure.link.expect("the connection failed").to_string();
    assert!(said.contains("*.example.com"), "{said}");
}

#[test]
fn a_home_stops_when_it_is_dropped_and_frees_its_ports() {
    let first = home(HomeConfig::loopback());
    let (hac, ha) = (first.hac_addr(), first.ha_addr());
    assert!(first.is_running());
    assert_eq!(hac.ip(), loopback_address());
    drop(first);
    std::net::TcpListener::bind(hac).expect("the HAC's port is free");
    std::net::UdpSocket::bind(ha).expect("the HA's port is free");
}
