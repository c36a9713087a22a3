//! `ciphersuite.json`: RFC 6618 section 5.6.5, as far as names and code points go.

use wire::{Ciphersuite, SuiteCode};

use crate::judge;

#[test]
fn code_points_have_names() {
    let mut rows = 0;
    for test in vectors::ciphersuite().tests {
        let code = SuiteCode::parse(test.row.csuite.as_bytes()).expect("the form is right");
        assert_eq!(code.0, test.row.code[..], "{}", test.id);
        assert_eq!(code.to_string(), test.row.csuite, "{}", test.id);
        let suite = Ciphersuite::from_code(code);
        judge(&test, suite.is_some());
        let name = test.row.value.as_ref().map(|value| value.name.as_str());
        assert_eq!(suite.map(Ciphersuite::name), name, "{}", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}
