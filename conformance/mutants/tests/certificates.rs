//! RFC 5929 section 4.1: certificates of every kind under a whole exchange. Each comes from the vectors, with the
//! binding that their author made of it; what the suite makes of it must be the same.

use crypto::auth::Profile;
use crypto::channel_binding::ChannelBinding;
use mutants::subject::{Certificate, honest};
use sha2::{Digest, Sha256, Sha384};
use suite::bench::Bench;
use suite::verdict::Verdict;
use suite::{cases, judge};

const INIT_AUTH: &str = "rfc6618/5.8/init-auth-right";

/// What a case says of the reference with that certificate, if it binds to `to_hac`.
fn verdict(id: &str, der: &[u8], to_hac: &[u8]) -> Verdict {
    let certificate = Certificate { der: der.to_vec(), to_hac: ChannelBinding::new(to_hac.to_vec()) };
    let setup = honest(Profile::Rfc6618).showing(certificate).setup();
    let lease = setup.identities.lease(0);
    let mut bench = Bench::new(&setup, lease.identity, id);
    let outcome = judge::run(&cases::find(id).expect("a case").check, &mut bench);
    outcome.map_or_else(|finding| finding.verdict(), |_| Verdict::Pass)
}

#[test]
fn each_kind_of_signature_gives_the_binding_of_the_vectors() {
    let mut kinds = 0;
    for row in vectors::channel_binding().tests {
        let der: &[u8] = &row.row.certificate;
        let Some(binding) = &row.row.binding else {
            assert_eq!(verdict(INIT_AUTH, der, &Sha256::digest(der)), Verdict::Inconclusive, "{}", row.id);
            continue;
        };
        kinds += 1;
        for id in [INIT_AUTH, "rfc6618/5.8/done-auth-right", "rfc6618/5.8/another-certificate"] {
            assert_eq!(verdict(id, der, binding), Verdict::Pass, "{} {id}", row.id);
        }
        for wrong in
            [Sha256::digest(der).to_vec(), Sha384::digest(der).to_vec(), sha1::Sha1::digest(der).to_vec()]
        {
            if wrong[..] != binding[..] {
                assert_eq!(verdict(INIT_AUTH, der, &wrong), Verdict::Fail, "{}", row.id);
            }
        }
    }
    assert!(kinds >= 15, "only {kinds} certificates with a binding");
}
