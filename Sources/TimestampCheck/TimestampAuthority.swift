public import OpenSSLCrypto
public import WireCoding

/// A timestamp authority of the trusted root, prepared once. Each is judged in isolation: certificates of two are never pooled.
public final class TimestampAuthority: Sendable {
  /// The signing certificate, where the trusted root names it; then no other may sign. Nil where the chain begins with an authority.
  let pinnedSigner: Certificate?
  private let chain: AuthorityChain
  /// Both ends inclusive; applies to the stamped time.
  public let validFor: TimeWindow
  /// What stamps are counted by: two of one operator, or under one anchor's key, are one authority's.
  let identity: [UInt8]

  /// - Parameters:
  ///   - certificates: DER, signer or its issuer first, trust anchor last.
  ///   - operator: who runs it, where the trusted root says so.
  ///
  /// Throws where they are no chain for time stamping.
  public init(
    certificates encodings: [[UInt8]], validFor: TimeWindow, operator: String? = nil
  ) throws(CryptoFailure) {
    let chain = try AuthorityChain(encodings)
    pinnedSigner = chain.first.profile.isAuthority ? nil : chain.first
    for certificate in chain.certificates where certificate !== pinnedSigner {
      guard certificate.profile.isAuthority, certificate.profile.mayIssue(for: CertificateProfile.timeStamping) else {
        throw CryptoFailure(.certificateMalformed, "\(certificate.subjectText): not an authority for time stamping")
      }
    }
    self.chain = chain
    identity = `operator`.map { Array($0.utf8) } ?? chain.certificates.last?.structure.subjectPublicKeyInfo ?? []
    self.validFor = validFor
  }

  /// The signer's path to this authority's anchor, or nil where the token is none of this authority's.
  func path(for token: TimestampToken) -> [Certificate]? {
    if let pinnedSigner {
      // What the token brings along is a convenience, and has to be the same certificate.
      guard token.certificates.isEmpty || token.certificates.contains(pinnedSigner.der) else { return nil }
      return token.signer.names(pinnedSigner) ? chain.certificates : nil
    }
    for encoding in token.certificates {
      guard let certificate = try? Certificate(der: encoding), token.signer.names(certificate),
        let path = try? chain.path(from: certificate)
      else { continue }
      return path
    }
    return nil
  }
}

extension TimestampSigner {
  /// Whether the token says that this certificate's key signed it. The signer is chosen by this, never by position.
  func names(_ certificate: Certificate) -> Bool {
    switch name {
    case .issuerAndSerial(let issuer, let serial):
      return certificate.structure.issuer == issuer && certificate.structure.serialNumber == serial
    case .subjectKeyIdentifier(let identifier):
      guard let value = certificate.structure.extension("2.5.29.14")?.value else { return false }
      return value == DER.encode(DERTag.octetString, identifier)
    }
  }
}
