import SigstoreVerify
import VerdictReport

/// What `--type` says: cosign's short names for predicate types, or a URI.
enum AttestationType {
  /// cosign's names (`pkg/cosign/attestation`), with the URIs that its `attest-blob` writes for them.
  static let names: KeyValuePairs<String, String> = [
    "custom": "https://cosign.sigstore.dev/attestation/v1",
    "slsaprovenance": "https://slsa.dev/provenance/v0.2",
    "slsaprovenance02": "https://slsa.dev/provenance/v0.2",
    "slsaprovenance1": "https://slsa.dev/provenance/v1",
    "link": "https://in-toto.io/Link/v1",
    "spdx": "https://spdx.dev/Document",
    "spdxjson": "https://spdx.dev/Document",
    "cyclonedx": "https://cyclonedx.org/bom",
    "vuln": "https://cosign.sigstore.dev/attestation/vuln/v1",
    "openvex": "https://openvex.dev/ns",
  ]

  /// Takes a statement of any type. Not a name of cosign's.
  static let any = "any"
  private static let standard = "custom"

  /// The predicate type; nil for any. Without the flag it is cosign's default: a type is always compared.
  static func predicateType(_ line: ReadCommandLine) throws(Refusal) -> String? {
    let name = line.text(.type) ?? standard
    if name == any { return nil }
    if let known = names.first(where: { $0.key == name }) { return known.value }
    // As cosign has it: what has no scheme is a slip in a short name.
    guard name.contains("://"), !name.hasPrefix("://") else {
      throw .usage(
        "--type \(Terminal.quoted(name)) is neither a URI nor one of "
          + names.map(\.key).joined(separator: ", ") + ", any")
    }
    return name
  }
}
