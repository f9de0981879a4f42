/// The one description of the flags: the reader, the help and the tests follow it.
enum FlagTable {
  static let rows: [FlagRow] = [
    // What is verified.
    FlagRow(
      .bundle, .path("FILE"),
      help: "the signature with its proofs: a Sigstore bundle or a cosign bundle, told by content"),
    FlagRow(
      .signature, .path("FILE"),
      help: "detached signature, binary or base64, or the base64 text itself; beside --bundle it must agree"),
    FlagRow(
      .certificate, .path("FILE"), help: "signing certificate, PEM or base64 of PEM; beside --bundle it must agree"),
    FlagRow(
      .timestampFile, .path("FILE"),
      help: "RFC 3161 timestamp of the signature, as cosign writes it; it is asked for then, and has to verify"),
    FlagRow(
      .key, .path("FILE"),
      help: "the signer's public key (PEM), or a list of keys (keys.json), in place of an identity and an issuer"),
    FlagRow(
      .checksums, .path("FILE"), verbs: [.verifyBlob],
      help: "verify this signed list of digests, and then the files that it names, or those given as BLOB"),

    // Who is expected.
    FlagRow(.identity, .text("NAME"), help: "the signer's name in the certificate, compared byte for byte"),
    FlagRow(
      .identityPattern, .text("PATTERN"), help: "the same as an RE2 pattern, searched anywhere: anchor it by ^ and $"),
    FlagRow(.issuer, .text("URL"), help: "the identity provider that vouched for the signer, byte for byte"),
    FlagRow(.issuerPattern, .text("PATTERN"), help: "the same as an RE2 pattern"),
    FlagRow(.workflowTrigger, .text("EVENT"), help: "GitHub event that started the workflow, for example push"),
    FlagRow(.workflowSHA, .text("SHA"), help: "GitHub commit that the workflow ran on"),
    FlagRow(.workflowName, .text("NAME"), help: "GitHub workflow name"),
    FlagRow(.workflowRepository, .text("OWNER/REPO"), help: "GitHub repository that the workflow ran in"),
    FlagRow(.workflowRef, .text("REF"), help: "git reference that the workflow ran on, for example refs/tags/v1.0.0"),

    // Who is believed, and what is asked for.
    FlagRow(
      .trustedRoot, .path("FILE"), help: "trusted_root.json to believe in place of the one that is kept or embedded"),
    FlagRow(
      .certificateChain, .path("FILE"),
      help:
        "authorities (PEM) in place of the trusted root's: the leaf's issuer first, the anchor last"
    ),
    FlagRow(
      .timestampChain, .path("FILE"),
      help:
        "a timestamp authority (PEM) in place of the trusted root's: itself first, the anchor last"
    ),
    FlagRow(.staging, .toggle, help: "believe Sigstore's staging instance in place of its production instance"),
    FlagRow(
      .maximumTrustAge, .text("DAYS"),
      help: "refuse where the trusted root was last known to be the newest more than so many days ago"),
    FlagRow(.offline, .toggle, help: "ask no log; always so in nexo-verify, which cannot use the network"),
    FlagRow(
      .rekorURL, .text("URL"), mayBeEmpty: true,
      help: "the Rekor v1 log that `nexo verify-blob` may ask for an entry; empty asks none"),
    FlagRow(.ignoreSCT, .toggle, help: "do not ask for certificate transparency"),
    FlagRow(.ignoreLog, .toggle, help: "do not ask for a transparency log entry; one that is there must still verify"),
    FlagRow(.privateInfrastructure, .toggle),
    FlagRow(
      .privateDeployment, .toggle,
      help: "ask for no log and no certificate transparency, but for a timestamp; needs --trusted-root"),
    FlagRow(
      .useSignedTimestamps, .toggle,
      help: "ask for a timestamp of a trusted authority; those that are there always count"),
    FlagRow(.strictTimestamps, .toggle, help: "refuse a timestamp of an authority that is not trusted"),
    FlagRow(.minimumLogs, .text("N"), help: "ask for entries of N distinct transparency logs"),
    FlagRow(
      .requireInclusionProof, .toggle,
      help: "ask for a proof that the log's tree holds the entry, where a promise would do"),
    FlagRow(
      .writeBundle, .path("FILE"),
      help: "where the answer is yes, write the material as one Sigstore bundle, for hosts without a network"),
    FlagRow(.minimumTimestamps, .text("N"), help: "ask for timestamps of N distinct authorities"),
    FlagRow(.minimumCertificateLogs, .text("N"), help: "ask for certificate timestamps of N distinct logs"),
    FlagRow(
      .witnessKeys, .path("FILE"), help: "keys of witnesses, one a line, that must have seen the log's checkpoint"),
    FlagRow(.minimumWitnesses, .text("K"), help: "how many of them; 1 where nothing is said"),
    FlagRow(
      .signatureDigestAlgorithm, .text("NAME"),
      help: "the hash that was signed over, where it is not the one that goes with the key: sha256, sha384 or sha512"),
    FlagRow(.newBundleFormat, .toggle),

    // Global.
    FlagRow(.json, .toggle, isGlobal: true, help: "print one JSON object with verdict and trace on standard output"),
    FlagRow(.verbose, .toggle, short: "d", isGlobal: true, help: "say each check that was made, on standard error"),
    FlagRow(.explain, .toggle, help: "print the verdict as a page on standard output, step by step"),
    FlagRow(
      .report, .path("FILE"), help: "write the verdict as one HTML page that stands for itself, whichever way it goes"),
    FlagRow(
      .timeout, .text("DURATION"), short: "t", isGlobal: true,
      help: "how long a pipe may stay silent, for example 3m or 30s; by default for ever"),
    FlagRow(.help, .toggle, short: "h", isGlobal: true, help: "this text"),
    FlagRow(
      .outputFile, .path("FILE"), .ignored("everything that is said goes to standard error"), isGlobal: true),

    // Accepted, without effect.
    FlagRow(.maxWorkers, .text("N"), .ignored("a blob needs one")),
    FlagRow(.experimentalOCI, .toggle, .ignored("it is about images")),

    // Refused.
    FlagRow(.authorityRoots, .path("FILE"), .refused("name them by --certificate-chain, or in a --trusted-root file")),
    FlagRow(
      .authorityIntermediates, .path("FILE"), .refused("name them by --certificate-chain, or in a --trusted-root file")),
    FlagRow(
      .detachedSCT, .path("FILE"), .refused("the certificate itself has to hold its signed certificate timestamp")),
    FlagRow(.securityKey, .toggle, .refused("export the token's public key and pass it by --key FILE")),
    FlagRow(.slot, .text("NAME"), .refused("export the token's public key and pass it by --key FILE")),
    FlagRow(
      .allowCertificateChain, .toggle,
      .refused("a bundle of version 0.3 holds the leaf alone; the authorities come from the trusted root")),

    // Of verify-blob-attestation.
    FlagRow(
      .type, .text("TYPE"), verbs: [.verifyBlobAttestation],
      help: "what the attestation must be: a short name of cosign's (default custom), a URI, or any"),
    FlagRow(
      .checkClaims, .toggle, verbs: [.verifyBlobAttestation],
      help: "compare the statement's subjects with BLOB; always so, unless set to false"),
    FlagRow(.digest, .text("HEX"), verbs: [.verifyBlobAttestation], help: "a subject's digest, in place of BLOB"),
    FlagRow(
      .digestAlgorithm, .text("NAME"), verbs: [.verifyBlobAttestation],
      help: "of --digest: sha256 (default), sha384 or sha512"),
    FlagRow(
      .deprecatedEntries, .toggle, verbs: [.verifyBlobAttestation],
      help: "take log entries of kind dsse 0.0.2, which current clients refuse"),
  ]

  static func row(named name: some StringProtocol) -> FlagRow? {
    rows.first { $0.flag.rawValue == name }
  }

  static func row(short: Character) -> FlagRow? {
    rows.first { $0.short == short }
  }

  /// The flag that was probably meant: shown in the help, and few changes away.
  static func suggestion(for name: String) -> Flag? {
    let shown = rows.filter { $0.help != nil }.map(\.flag)
    return nearest(name, in: shown.map(\.rawValue)).flatMap { Flag(rawValue: $0) }
  }

  /// The candidate with the fewest changes to make of `word`, at most a third of its letters; or else the only one that
  /// begins with it.
  static func nearest(_ word: String, in candidates: [String]) -> String? {
    // The longest name has 39 characters: nothing much longer is a slip.
    guard word.utf8.count <= 64 else { return nil }
    let measured = candidates.map { (distance: editDistance(Array(word.utf8), Array($0.utf8)), name: $0) }
    if let best = measured.min(by: { $0.distance < $1.distance }), best.distance <= max(1, word.utf8.count / 3) {
      return best.name
    }
    let longer = candidates.filter { !word.isEmpty && $0.hasPrefix(word) }
    return longer.count == 1 ? longer.first : nil
  }

  /// Levenshtein's distance.
  private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = index
      row[0] = index + 1
      for (column, other) in right.enumerated() {
        let substituted = diagonal + (byte == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
