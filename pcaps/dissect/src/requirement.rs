//! The requirements that a packet between MN and HA can be seen to break, by their ids in `conformance/requirements`.

macro_rules! requirements {
    ($( $name:ident = $id:literal; )*) => {
        $( pub(crate) const $name: &str = $id; )*

        /// Every requirement id that a [`crate::Finding`] can carry.
        pub const ALL: &[&str] = &[$( $id ),*];
    };
}

requirements! {
    ONE_SPI = "rfc6618#4.3/one-spi-for-signalling-and-data";
    SCOPE_ONE_PROTECTS = "rfc6618#5.6.4/sas-one-protects-all-data";
    UDP_ENCAPSULATED = "rfc6618#6.1/udp-encapsulated";
    PTYPE_FOLLOWS_UDP = "rfc6618#6.1/ptype-follows-udp";
    SEQUENCE_DETECTS_REPEATS = "rfc6618#6.1/sequence-detects-repeats";
    MOBILITY_PROTECTED = "rfc6618#6.1/mobility-messages-protected";
    SPI_ZERO_NEEDS_PTYPE_ZERO = "rfc6618#6.2/spi-zero-needs-ptype-zero";
    BINDING_LAYOUT = "rfc6618#6.3/layout";
    BINDING_INTEGRITY = "rfc6618#6.3/integrity-cover";
    BINDING_CONFIDENTIALITY = "rfc6618#6.3/confidentiality-cover";
    BINDING_TRAILER = "rfc6618#6.3/trailer-as-esp";
    PTYPE_8_IS_MOBILITY = "rfc6618#6.3/ptype-8-is-mobility";
    NEXT_HEADER_IS_FIRST = "rfc6618#6.3/next-header-is-first";
    PROTECTED_LAYOUT = "rfc6618#6.4/protected-layout";
    PROTECTED_INTEGRITY = "rfc6618#6.4/protected-integrity-cover";
    PROTECTED_CONFIDENTIALITY = "rfc6618#6.4/protected-confidentiality-cover";
    PROTECTED_TRAILER = "rfc6618#6.4/trailer-as-esp";
    NEXT_HEADER_IS_INNER_VERSION = "rfc6618#6.4/next-header-is-inner-version";
    PLAIN_SPI_AND_SEQUENCE_ZERO = "rfc6618#6.4/plain-spi-and-sequence-zero";
    PLAIN_LAYOUT = "rfc6618#6.4/plain-layout";
    PTYPE_VALUES = "rfc6618#8.1/ptype-values";
    LIFETIME_FROM_VALIDITY_END = "rfc6618#9.3/lifetime-from-validity-end";
    BLOCK_MULTIPLE = "rfc4303#2.4/block-multiple";
    FOUR_OCTET_ALIGNMENT = "rfc4303#2.4/four-octet-alignment";
    PADDING_COUNTS_FROM_ONE = "rfc4303#2.4/padding-counts-from-one";
    MOBILITY_LAYOUT = "rfc6275#6.1.1/layout";
    CHECKSUM_OVER_HEADER = "rfc6275#6.1.1/checksum-over-header";
    CHECKSUM_USES_HOME_ADDRESS = "rfc6275#6.1.1/checksum-uses-home-address";
    UPDATE_LAYOUT = "rfc6275#6.1.7/layout";
    ACK_LAYOUT = "rfc6275#6.1.8/layout";
    BINDING_DELETED = "rfc6275#10.3.1/binding-deleted-after-lifetime";
    HOME_ADDRESS_OPTION = "rfc6275#11.7.1/home-address-option";
    ALTERNATE_CARE_OF_ADDRESS = "rfc6275#11.7.1/alternate-care-of-address";
}
