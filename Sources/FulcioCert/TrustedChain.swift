public import OpenSSLCrypto
public import WireCoding

/// Evidence that a leaf certificate leads to a trusted authority and that the whole chain was valid at every trusted time.
///
/// Only `verifyChain` makes one. It does not say who the leaf names, nor that a CT log saw it.
public struct TrustedChain: Sendable {
  public let leaf: Certificate
  /// Leaf first, trust anchor last; at least two.
  public let path: [Certificate]
  /// The certificate that signed the leaf.
  public let issuer: Certificate
  public let authorityWindow: TimeWindow
  /// The times at which it was found valid; never empty.
  public let times: [UnixTime]

  init(leaf: Certificate, issuer: Certificate, path: [Certificate], authorityWindow: TimeWindow, times: [UnixTime]) {
    self.leaf = leaf
    self.issuer = issuer
    self.path = path
    self.authorityWindow = authorityWindow
    self.times = times
  }
}

/// Decodes the leaf certificate of a bundle; well-formed and with an accepted key, not trusted.
public func decodeLeaf(_ der: [UInt8]) throws(FulcioFailure) -> Certificate {
  do throws(CryptoFailure) { return try Certificate(der: der) } catch {
    switch error.kind {
    case .keyUnsupported, .keyMalformed: throw FulcioFailure(.keyUnsupported, error.detail)
    default: throw FulcioFailure(.certificateMalformed, error.detail)
    }
  }
}

/// Path validation in the hybrid model of Sigstore's client specification: every certificate of the path, and the authority's own window,
/// must hold every trusted time. The wall clock plays no part. Ends are inclusive (RFC 5280, 4.1.2.5).
///
/// - Parameters:
///   - others: further certificates (DER) of the bundle's chain. They are decoded, and refused where they are malformed or a root; no path leads
///     through them.
///   - times: every trusted time; at least one.
public func verifyChain(
  leaf: Certificate, others: [[UInt8]], authorities: [CertificateAuthority], validAt times: [UnixTime]
) throws(FulcioFailure) -> TrustedChain {
  guard !times.isEmpty else { throw FulcioFailure(.notValidAtTime, "no trusted time") }
  let brought = try decodeIntermediates(others)
  var failure = FulcioFailure(
    .noAuthority, authorities.isEmpty ? "the trusted root holds no certificate authority" : nil,
    got: "issued by \(leaf.issuerText)",
    want: authorities.isEmpty ? nil : "one of: " + authorities.map(\.name).joined(separator: "; "))
  for authority in authorities {
    do throws(FulcioFailure) {
      let path = try findPath(leaf, brought, authority)
      try checkTimes(path, authority, times)
      try checkLeaf(leaf)
      guard path.count > 1 else { throw FulcioFailure(.noAuthority, "the path has no issuer") }
      return TrustedChain(
        leaf: leaf, issuer: path[1], path: path, authorityWindow: authority.validFor, times: times)
    } catch {
      // The most specific refusal survives: an authority that did issue the leaf says more than one that did not.
      if failure.code == .noAuthority, error.code != .noAuthority || error.detail != nil { failure = error }
    }
  }
  throw failure
}

private func decodeIntermediates(_ encodings: [[UInt8]]) throws(FulcioFailure) -> [Certificate] {
  var certificates: [Certificate] = []
  for encoding in encodings {
    let certificate: Certificate
    do throws(CryptoFailure) { certificate = try Certificate(der: encoding) } catch {
      throw FulcioFailure(.certificateMalformed, "certificate of the bundle's chain: \(error.detail)")
    }
    guard !certificate.isSelfIssued else {
      throw FulcioFailure(.rootInBundle, got: certificate.subjectText)
    }
    certificates.append(certificate)
  }
  return certificates
}

private func findPath(
  _ leaf: Certificate, _ brought: [Certificate], _ authority: CertificateAuthority
) throws(FulcioFailure) -> [Certificate] {
  guard !authority.certificates.contains(where: { $0.der == leaf.der }) else {
    throw FulcioFailure(.notLeaf, "the leaf is itself an authority of the trusted root")
  }
  do throws(PathRejection) {
    return try authority.path(from: leaf)
  } catch {
    switch error.reason {
    case .noIssuer, .badSignature:
      guard authority.certificates.contains(where: { $0.structure.subject == leaf.structure.issuer }) else {
        let isBrought = brought.contains { $0.structure.subject == leaf.structure.issuer }
        throw FulcioFailure(
          .noAuthority, isBrought ? "its issuer is in the bundle alone, not in the trusted root" : nil,
          got: isBrought ? "issued by \(leaf.issuerText)" : nil)
      }
      throw FulcioFailure(
        .noAuthority, "an authority of the issuer's name is trusted, but its key did not sign the certificate",
        got: "issued by \(leaf.issuerText)")
    case .notAuthority:
      throw FulcioFailure(.noAuthority, "an issuer in the chain is no certificate authority")
    case .pathLength: throw FulcioFailure(.pathLength, error.text)
    case .criticalExtension:
      throw FulcioFailure(.criticalExtension, error.depth == 0 ? "in the leaf" : "in certificate \(error.depth)")
    case .weakAlgorithm: throw FulcioFailure(.weakAlgorithm, error.text)
    case .other: throw FulcioFailure(.noAuthority, error.text)
    }
  }
}

private func checkTimes(
  _ path: [Certificate], _ authority: CertificateAuthority, _ times: [UnixTime]
) throws(FulcioFailure) {
  for time in times {
    guard authority.validFor.contains(time) else {
      throw FulcioFailure(
        .notValidAtTime, "outside the trusted root's window for \(authority.name)", got: time.rfc3339,
        want: authority.validFor.description)
    }
    for (level, certificate) in path.enumerated() where !certificate.validity.contains(time) {
      throw FulcioFailure(
        .notValidAtTime, level == 0 ? "the signing certificate" : certificate.subjectText, got: time.rfc3339,
        want: certificate.validity.description)
    }
  }
}

/// The leaf profile of Fulcio: an end entity for code signing and digital signatures, and no precertificate (RFC 6962, 3.1).
private func checkLeaf(_ leaf: Certificate) throws(FulcioFailure) {
  let profile = leaf.profile
  guard !profile.isAuthority else { throw FulcioFailure(.notLeaf, "CA:TRUE") }
  guard let usage = profile.keyUsage, usage.contains(.digitalSignature) else {
    throw FulcioFailure(.keyUsage, profile.keyUsage == nil ? "no key usage" : "digitalSignature is not set")
  }
  guard !usage.contains(.keyCertSign) else { throw FulcioFailure(.notLeaf, "key usage keyCertSign") }
  guard let purposes = profile.extendedKeyUsage, purposes.contains(CertificateProfile.codeSigning) else {
    throw FulcioFailure(
      .ekuMissing, "the signing certificate", got: profile.extendedKeyUsage?.joined(separator: ", ") ?? "none",
      want: CertificateProfile.codeSigning)
  }
  guard leaf.structure.extension(SignedCertificateTimestamp.poison) == nil else {
    throw FulcioFailure(.notLeaf, "a precertificate")
  }
}
