public import OpenSSLCrypto
public import WireCoding

/// A certificate authority of the trusted root, prepared once: its own chain is verified here, so that judging a leaf costs one
/// signature and not one for each level.
public final class CertificateAuthority: Sendable {
  private let chain: AuthorityChain
  /// Both ends inclusive. Applies to every trusted time, in addition to each certificate's own dates.
  public let validFor: TimeWindow
  /// Anchored at the issuer of leaves; nil where a certificate above it restricts names or policies, which only the whole path shows.
  private let issuerStore: AnchorStore?

  /// Extensions by which an authority restricts everything below it: name constraints, policy constraints, inhibit anyPolicy.
  private static let restrictions: Set<String> = ["2.5.29.30", "2.5.29.36", "2.5.29.54"]

  /// - Parameter certificates: DER, the issuer of leaves first, the trust anchor (self-signed or not) last.
  ///
  /// Throws where they are no chain of authorities for code signing.
  public init(certificates encodings: [[UInt8]], validFor: TimeWindow) throws(CryptoFailure) {
    let chain = try AuthorityChain(encodings)
    for (level, certificate) in chain.certificates.enumerated() {
      if let reason = certificate.whyNotAuthority(levelsBelow: chain.certificates[..<level]) {
        throw CryptoFailure(.certificateMalformed, "\(certificate.subjectText): \(reason)")
      }
    }
    let restricted = chain.certificates.dropFirst().contains { certificate in
      certificate.structure.extensions.contains { Self.restrictions.contains($0.identifier) }
    }
    issuerStore = restricted ? nil : try AnchorStore([chain.first])
    self.chain = chain
    self.validFor = validFor
  }

  /// Issuer of the leaf first, trust anchor last.
  public var certificates: [Certificate] { chain.certificates }

  public var name: String { chain.first.subjectText }

  /// The path from `leaf` to this authority's anchor, whole, or why there is none. Signatures only; times come later.
  ///
  /// It is always the leaf and then the authority's own certificates, all of them. What a bundle brings plays no part: through an
  /// intermediate of its own, a leaf could reach the anchor of an authority that never issued it, and escape the window of the one that did.
  func path(from leaf: Certificate) throws(PathRejection) -> [Certificate] {
    if let issuerStore { return try issuerStore.path(from: leaf) + certificates.dropFirst() }
    return try chain.wholePath(from: leaf)
  }
}

extension Certificate {
  /// Why this cannot be an authority above the given ones, or nil if it can (RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.12).
  func whyNotAuthority(levelsBelow: ArraySlice<Certificate>) -> String? {
    guard profile.isAuthority else { return "not a certificate authority" }
    if let usage = profile.keyUsage, !usage.contains(.keyCertSign) { return "may not sign certificates" }
    guard profile.mayIssue(for: CertificateProfile.codeSigning) else { return "not for code signing" }
    let intermediates = levelsBelow.count { !$0.isSelfIssued }
    if let limit = profile.pathLength, intermediates > limit {
      return "path length \(limit) exceeded by \(intermediates) authorities below"
    }
    return nil
  }
}
