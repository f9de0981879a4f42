public import FulcioCert
import OpenSSLCrypto
import SigstoreBundle
import WireCoding

/// Evidence that a trusted chain names the expected signer. Only step 5 makes one.
public struct VerifiedSigner: Sendable, Hashable {
  public let subject: SubjectName
  public let issuer: String
  public let claims: FulcioClaims

  fileprivate init(subject: SubjectName, issuer: String, claims: FulcioClaims) {
    self.subject = subject
    self.issuer = issuer
    self.claims = claims
  }
}

extension Recipe {
  /// Step 0: the leaf, decoded.
  mutating func signingCertificate() throws(VerificationFailure) -> Certificate {
    guard case .certificate(let der, _) = bundle.keyMaterial else {
      throw VerificationFailure(.bundle, VerifyFailure(.keyMissing))
    }
    let leaf = try at(.bundle) { () throws(FulcioFailure) in try decodeLeaf(der) }
    note(
      .bundle, "the material is a \(bundle.origin.rawValue) with a certificate", "Sigstore client spec, 4.1", .passed,
      ["key": .text(leaf.publicKey.algorithm.name), "serialNumber": .bytes(leaf.structure.serialNumber)])
    return leaf
  }

  /// Step 3.
  mutating func trustedChain(_ leaf: Certificate, _ times: SigningTimes) throws(VerificationFailure) -> TrustedChain {
    guard case .certificate(_, let others) = bundle.keyMaterial else {
      throw VerificationFailure(.bundle, VerifyFailure(.keyMissing))
    }
    let authorities = anchors.authorities
    let chain = try at(.chain) { () throws(FulcioFailure) in
      try verifyChain(leaf: leaf, others: others, authorities: authorities, validAt: times.all)
    }
    note(
      .chain, "the certificate leads to a trusted authority, valid at every signing time",
      "RFC 5280, 6.1; Sigstore client spec, 4.2", .passed,
      [
        "issuer": .text(chain.issuer.subjectText), "anchor": .text(chain.path.last?.subjectText ?? ""),
        "leafValidity": .window(leaf.validity), "authorityWindow": .window(chain.authorityWindow),
        "certificates": .number(UInt64(chain.path.count)),
      ])
    return chain
  }

  /// Step 4.
  mutating func certificateTimestamps(_ chain: TrustedChain) throws(VerificationFailure) {
    guard policy.certificateTimestamp == .required else {
      caution(.certificateTimestampIgnored, "no certificate transparency log was asked for")
      note(.sct, "certificate transparency", "RFC 6962, 3.3", .skipped)
      return
    }
    let (logs, minimum) = (anchors.certificateLogs, max(1, policy.minimumCertificateLogs))
    let verified = try at(.sct) { () throws(FulcioFailure) in
      try verifySCTs(of: chain, logs: logs, minimum: minimum)
    }
    for sct in verified {
      note(
        .sct, "a trusted certificate transparency log saw the certificate", "RFC 6962, 3.2", .passed,
        ["log": .text(sct.log.name), "logID": .bytes(sct.log.logID), "timestamp": .time(sct.timestamp)])
    }
  }

  /// Step 5.
  mutating func identity(
    _ chain: TrustedChain, _ expected: SignerPolicy
  ) throws(VerificationFailure) -> VerifiedSigner {
    let (subject, issuer, claims) = try Self.compare(chain.leaf, with: expected)
    note(
      .identity, "the certificate names the expected signer", "Sigstore client spec, 4.3", .passed,
      [
        "subject": .text(subject.text), "kind": .text(subject.kind.rawValue),
        "wantSubject": .text(expected.identity.text),
        "issuer": .text(issuer), "wantIssuer": .text(expected.issuer.text),
      ])
    return VerifiedSigner(subject: subject, issuer: issuer, claims: claims)
  }

  /// Compares what a leaf claims with what is expected. No evidence by itself: the leaf may be anybody's.
  static func compare(
    _ leaf: Certificate, with expected: SignerPolicy
  ) throws(VerificationFailure) -> (SubjectName, String, FulcioClaims) {
    let (subject, claims) = try at(.identity) { () throws(FulcioFailure) in
      (try SubjectName(claimedBy: leaf), try FulcioClaims(claimedBy: leaf))
    }
    let issuer = try at(.identity) { () throws(FulcioFailure) in
      // The text of a workflow in an e-mail name would pass a comparison of texts.
      guard subject.kind == .uri || !subject.text.contains("://") else {
        throw FulcioFailure(.identityWrongType, "a URI in a name of kind \(subject.kind.rawValue)", got: subject.text)
      }
      return try claims.issuer()
    }
    try at(.identity) { () throws(VerifyFailure) in
      guard expected.identity.matches(subject.text) else {
        throw VerifyFailure(.identityMismatch, got: subject.text, want: expected.identity.text)
      }
      guard expected.issuer.matches(issuer) else {
        throw VerifyFailure(.issuerMismatch, got: issuer, want: expected.issuer.text)
      }
      for (claim, want) in expected.claims.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        guard let got = claims[claim], got.utf8.elementsEqual(want.utf8) else {
          throw VerifyFailure(.claimMismatch, claim.name, got: claims[claim] ?? "(absent)", want: want)
        }
      }
    }
    return (subject, issuer, claims)
  }
}
