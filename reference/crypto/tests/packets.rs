//! Sealing and opening, all five suites.

use bumpalo::Bump;
use crypto::{DirectionKeys, OpenError, Opened, Opener, Outgoing, Sealer, algorithms};
use proptest::prelude::*;
use wire::packet::{HEADER_LEN, ICV_LEN, PType};
use wire::value::{Ciphersuite, Spi, hex};

fn keys(suite: Ciphersuite, seed: u8) -> DirectionKeys {
    let row = algorithms(suite);
    let ikey: Vec<u8> = (seed..).take(row.ikey_len).collect();
    let ekey: Vec<u8> = (seed..).map(|octet| octet * 2).take(row.ekey_len).collect();
    DirectionKeys::new(suite, &ikey, (row.ekey_len > 0).then_some(ekey.as_slice())).unwrap()
}

fn ends(suite: Ciphersuite) -> (Sealer, Opener) {
    (Sealer::new(&keys(suite, 1)), Opener::new(&keys(suite, 1)))
}

fn open_one(opener: &Opener, octets: &[u8]) -> Result<Opened, OpenError> {
    let mut opened = opener.open(&[octets]);
    assert_eq!(opened.len(), 1);
    opened.remove(0)
}

fn sample(payload: &[u8]) -> Outgoing<'_> {
    Outgoing {
        ptype: PType::MOBILITY,
        spi: Spi::new(0x0AB_CDEF).unwrap(),
        sequence: 7,
        next_header: 135,
        payload,
        iv: [0x5A; 16],
        extra_padding: 0,
    }
}

/// What [`Outgoing`] borrows, owned.
#[derive(Clone, Debug)]
struct Draft {
    ptype: u8,
    spi: u32,
    sequence: u32,
    next_header: u8,
    payload: Vec<u8>,
    iv: [u8; 16],
    extra_padding: u8,
}

impl Draft {
    fn outgoing(&self) -> Outgoing<'_> {
        Outgoing {
            ptype: PType(self.ptype),
            spi: Spi::new(self.spi).unwrap(),
            sequence: self.sequence,
            next_header: self.next_header,
            payload: &self.payload,
            iv: self.iv,
            extra_padding: self.extra_padding,
        }
    }
}

fn draft() -> impl Strategy<Value = Draft> {
    let payload =
        prop_oneof![prop::collection::vec(any::<u8>(), 0..70), prop::collection::vec(any::<u8>(), 1500)];
    (0..16_u8, 1..=Spi::MAX, any::<u32>(), any::<u8>(), payload, any::<[u8; 16]>(), any::<u8>()).prop_map(
        |(ptype, spi, sequence, next_header, payload, iv, extra_padding)| Draft {
            ptype,
            spi,
            sequence,
            next_header,
            payload,
            iv,
            extra_padding,
        },
    )
}

fn suite() -> impl Strategy<Value = Ciphersuite> {
    prop::sample::select(Ciphersuite::ALL.to_vec())
}

proptest! {
    #[test]
    fn what_is_sealed_opens_again(suite in suite(), drafts in prop::collection::vec(draft(), 0..20)) {
        let (sealer, opener) = ends(suite);
        let row = algorithms(suite);
        let batch: Vec<_> = drafts.iter().map(Draft::outgoing).collect();
        let sealed = sealer.seal(&batch);
        prop_assert_eq!(sealed.len(), batch.len());
        let received: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
        for ((sent, octets), opened) in batch.iter().zip(&received).zip(opener.open(&received)) {
            let opened = opened.unwrap();
            prop_assert_eq!(opened.ptype, sent.ptype);
            prop_assert_eq!(opened.spi, sent.spi);
            prop_assert_eq!(opened.sequence, sent.sequence);
            prop_assert_eq!(opened.next_header, sent.next_header);
            prop_assert_eq!(&opened.payload, &sent.payload);
            prop_assert_eq!(&opened.iv[..], &sent.iv[..row.iv_len]);
            let body = sent.payload.len() + opened.padding.len() + 2;
            prop_assert_eq!(body % usize::from(row.align), 0);
            prop_assert_eq!(octets.len(), HEADER_LEN + row.iv_len + body + ICV_LEN);
            let word = u32::from(sent.ptype.0) << 28 | sent.spi.get();
            prop_assert_eq!(&octets[..4], word.to_be_bytes());
            prop_assert_eq!(&octets[4..8], sent.sequence.to_be_bytes());
            let extra = usize::from(sent.extra_padding);
            prop_assert!(opened.padding.len().abs_diff(extra) < usize::from(row.align), "as asked, but aligned");
        }
    }

    #[test]
    fn a_batch_is_its_packets_one_by_one(
        suite in suite(),
        drafts in prop::collection::vec((draft(), any::<bool>()), 0..20),
    ) {
        let (sealer, opener) = ends(suite);
        let batch: Vec<_> = drafts.iter().map(|(draft, _)| draft.outgoing()).collect();
        let mut sealed = sealer.seal(&batch);
        for (packet, sealed) in batch.iter().zip(&sealed) {
            prop_assert_eq!(&sealer.seal(std::slice::from_ref(packet)), std::slice::from_ref(sealed));
        }
        // Refused packets among good ones, some before and some after their ICV.
        for (nth, (octets, (_, spoil))) in sealed.iter_mut().zip(&drafts).enumerate() {
            match (spoil, nth % 2) {
                (true, 0) => octets.truncate(octets.len() / 2),
                (true, _) => octets[0] ^= 0x10,
                (false, _) => {}
            }
        }
        let received: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
        let opened = opener.open(&received);
        prop_assert_eq!(opened.len(), received.len());
        for ((octets, opened), (_, spoil)) in received.iter().zip(opened).zip(&drafts) {
            prop_assert_eq!(opened.is_err(), *spoil);
            prop_assert_eq!(open_one(&opener, octets), opened);
        }
        let room = Bump::new();
        let in_room = opener.open_in(&received, &room);
        prop_assert_eq!(in_room.len(), received.len());
        for (octets, trailer) in received.iter().zip(in_room) {
            let apart = trailer.map(|text| (text.payload.to_vec(), text.padding.to_vec(), text.next_header));
            let opened = opener.open_any_padding(octets);
            prop_assert_eq!(apart, opened.map(|one| (one.payload, one.padding, one.next_header)));
        }
    }

    #[test]
    fn whatever_comes_in_is_refused_without_panic(
        suite in suite(),
        octets in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(open_one(&ends(suite).1, &octets).is_err());
    }

    /// The ICV is right, so these get as far as the trailer.
    #[test]
    fn whatever_is_forged_is_opened_or_refused_without_panic(
        suite in suite(),
        word in any::<u32>(),
        iv in prop::collection::vec(any::<u8>(), 0..20),
        plaintext in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (sealer, opener) = ends(suite);
        let octets = sealer.forge(word, 1, &iv, &plaintext);
        prop_assert_eq!(octets.len(), HEADER_LEN + iv.len() + plaintext.len() + ICV_LEN);
        prop_assert_ne!(open_one(&opener, &octets), Err(OpenError::Icv));
    }
}

#[test]
fn any_flipped_bit_is_refused() {
    for suite in Ciphersuite::ALL {
        let (sealer, opener) = ends(suite);
        let good = sealer.seal(&[sample(b"a mobility header")]).remove(0);
        assert!(open_one(&opener, &good).is_ok());
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open_one(&opener, &bad), Err(OpenError::Icv), "{}, bit {bit}", suite.name());
        }
    }
}

#[test]
fn any_other_length_is_refused() {
    for suite in Ciphersuite::ALL {
        let (sealer, opener) = ends(suite);
        let good = sealer.seal(&[sample(b"a mobility header")]).remove(0);
        for len in 0..good.len() {
            assert!(open_one(&opener, &good[..len]).is_err(), "{}, cut to {len}", suite.name());
        }
        for more in 1..40 {
            let longer = [&good[..], &vec![0; more]].concat();
            assert!(open_one(&opener, &longer).is_err(), "{}, {more} more", suite.name());
        }
    }
}

#[test]
fn other_keys_do_not_open() {
    for suite in Ciphersuite::ALL {
        let sealed = ends(suite).0.seal(&[sample(b"payload")]).remove(0);
        for other in Ciphersuite::ALL {
            assert!(open_one(&Opener::new(&keys(other, 2)), &sealed).is_err());
        }
    }
}

#[test]
fn each_fault_has_its_error_in_the_order_of_the_checks() {
    let word = 0x8000_0001;
    let (sealer, opener) = ends(Ciphersuite::Aes128Sha);
    let forged = |word, iv: &[u8], plaintext: &[u8]| open_one(&opener, &sealer.forge(word, 1, iv, plaintext));

    let good = [&[0xEE; 13][..], &[1, 1, 135]].concat();
    assert_eq!(forged(word, &[9; 16], &good).unwrap().padding, [1], "the twin without a fault");

    assert_eq!(forged(word, &[9; 16], &[]), Err(OpenError::Short { need: 52, have: 36 }));
    assert_eq!(forged(word, &[], &good), Err(OpenError::Short { need: 52, have: 36 }));
    let odd = [&good[..], &[0]].concat();
    assert_eq!(forged(word, &[9; 16], &odd), Err(OpenError::Misaligned { block: 16, have: 17 }));
    assert_eq!(forged(0x8000_0000, &[9; 16], &good), Err(OpenError::SpiZero));
    let beyond = [&[0xEE; 14][..], &[15, 135]].concat();
    assert_eq!(forged(word, &[9; 16], &beyond), Err(OpenError::PadLength { need: 17, have: 16 }));
    let wrong = [&[0xEE; 11][..], &[1, 2, 9, 3, 135]].concat();
    assert_eq!(forged(word, &[9; 16], &wrong), Err(OpenError::Padding { offset: 2 }));

    let mut both = sealer.forge(word, 1, &[9; 16], &wrong);
    both[40] ^= 1;
    assert_eq!(open_one(&opener, &both), Err(OpenError::Icv), "the ICV is judged before the padding");
}

#[test]
fn null_suites_align_to_four_octets() {
    let (sealer, opener) = ends(Ciphersuite::NullSha256);
    let odd = sealer.forge(0x8000_0001, 1, &[], &[0xEE, 0xEE, 0xEE, 0, 135]);
    assert_eq!(open_one(&opener, &odd), Err(OpenError::Misaligned { block: 4, have: 5 }));
    for len in 0..9 {
        let sealed = sealer.seal(&[sample(&vec![0xEE; len])]).remove(0);
        assert_eq!((sealed.len() - HEADER_LEN - ICV_LEN) % 4, 0);
        assert_eq!(sealed[HEADER_LEN..HEADER_LEN + len], vec![0xEE; len], "in the clear");
    }
}

/// RFC 3602 section 4, case 6: an ESP packet without integrity. Our word takes the place of its SPI.
#[test]
fn a_published_esp_packet_comes_out_octet_for_octet() {
    let hex = |digits: &str| hex::decode(digits.as_bytes()).unwrap();
    let ekey = hex("90d382b410eeba7ad938c46cec1a82bf");
    let keys = DirectionKeys::new(Ciphersuite::Aes128Sha, &[1; 20], Some(&ekey)).unwrap();
    let sealed = Sealer::new(&keys).seal(&[Outgoing {
        ptype: PType::PLAIN,
        spi: Spi::new(0x4321).unwrap(),
        sequence: 8,
        next_header: 1,
        payload: &hex("0800b5e8a80a0500a69c083d0b660e00777777777777777777777777"),
        iv: hex("69d08df7d203329db093fc4924e5bd80").try_into().unwrap(),
        extra_padding: 0,
    }]);
    let esp = hex("000043210000000869d08df7d203329db093fc4924e5bd80\
                   f51995881ec4e0c4488987ce742e8109689bb379d2d750c0d915dca346a89f75");
    assert_eq!(sealed[0][..esp.len()], esp);
}
