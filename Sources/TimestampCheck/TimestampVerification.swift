import OpenSSLCrypto
public import WireCoding

/// Evidence that a trusted authority stamped the signature. Only `verifyTimestamps` makes one.
public struct VerifiedTimestamp: Sendable {
  public let time: UnixTime
  public let authorityWindow: TimeWindow
  /// For people; not escaped.
  public let signerName: String
  /// Equal for stamps that count once: of one operator, or under one anchor.
  public let authority: [UInt8]

  init(time: UnixTime, authorityWindow: TimeWindow, signerName: String, authority: [UInt8]) {
    self.authority = authority
    self.time = time
    self.authorityWindow = authorityWindow
    self.signerName = signerName
  }
}

public struct TimestampCheckResult: Sendable {
  public let verified: [VerifiedTimestamp]
  /// Stamps of authorities that the trusted root does not hold. They count for nothing.
  public let unknownCount: Int
}

/// Verifies RFC 3161 responses over the raw bytes of a signature.
///
/// Every stamp that names a trusted authority must verify: imprint, signed attributes, signature, the sole and critical purpose of time
/// stamping (RFC 3161, 2.3), the chain and the authority's window at the stamped time. Stamps of unknown authorities are counted apart.
/// Byte-equal stamps are refused.
///
/// - Parameter refusesUnknown: makes a stamp of an unknown authority a refusal.
public func verifyTimestamps(
  _ responses: [[UInt8]], over signature: [UInt8], authorities: [TimestampAuthority], refusesUnknown: Bool = false
) throws(TimestampFailure) -> TimestampCheckResult {
  guard Set(responses).count == responses.count else { throw TimestampFailure(.duplicate) }
  var verified: [VerifiedTimestamp] = []
  var unknownCount = 0
  for response in responses {
    let token = try TimestampToken(response: response)
    if let stamp = try verify(token, over: signature, authorities) {
      verified.append(stamp)
    } else {
      guard !refusesUnknown else { throw TimestampFailure(.unknownAuthority) }
      unknownCount += 1
    }
  }
  return TimestampCheckResult(verified: verified, unknownCount: unknownCount)
}

/// A key may be listed under several windows: one that holds is enough, and the last refusal survives where none does.
private func verify(
  _ token: TimestampToken, over signature: [UInt8], _ authorities: [TimestampAuthority]
) throws(TimestampFailure) -> VerifiedTimestamp? {
  var refusal: TimestampFailure?
  for authority in authorities {
    guard let path = authority.path(for: token) else { continue }
    do throws(TimestampFailure) {
      return try verify(token, over: signature, authority, path)
    } catch {
      refusal = error
    }
  }
  if let refusal { throw refusal }
  return nil
}

private func verify(
  _ token: TimestampToken, over signature: [UInt8], _ authority: TimestampAuthority, _ path: [Certificate]
) throws(TimestampFailure) -> VerifiedTimestamp {
  guard let signer = path.first else { throw TimestampFailure(.untrusted) }
  try checkPurpose(signer)
  try checkSignature(token, signer)
  let imprint = try hashed(token.info.imprint.algorithm, signature)
  guard imprint == token.info.imprint else {
    throw TimestampFailure(.imprintMismatch, got: token.info.imprint.text, want: imprint.text)
  }
  let time = token.info.time
  guard authority.validFor.contains(time) else {
    throw TimestampFailure(.outsideWindow, got: time.rfc3339, want: authority.validFor.description)
  }
  for certificate in path where !certificate.validity.contains(time) {
    throw TimestampFailure(
      .outsideWindow, certificate.subjectText, got: time.rfc3339, want: certificate.validity.description)
  }
  return VerifiedTimestamp(
    time: time, authorityWindow: authority.validFor, signerName: signer.subjectText,
    authority: authority.identity)
}

/// RFC 3161, 2.3: the one purpose, marked critical.
private func checkPurpose(_ signer: Certificate) throws(TimestampFailure) {
  guard signer.profile.extendedKeyUsage == [CertificateProfile.timeStamping],
    signer.profile.isExtendedKeyUsageCritical
  else {
    throw TimestampFailure(
      .ekuInvalid, got: (signer.profile.extendedKeyUsage ?? ["none"]).joined(separator: ", "),
      want: "\(CertificateProfile.timeStamping) alone, critical")
  }
}

/// RFC 5652, 5.4 to 5.6, and the binding to the certificate of RFC 5035: the key must be the named certificate's, not merely fit.
private func checkSignature(_ token: TimestampToken, _ signer: Certificate) throws(TimestampFailure) {
  let info = token.signer
  guard let algorithm = info.certificateHash.algorithm else {
    throw TimestampFailure(.untrusted, "the signer's certificate is named by SHA-1 only")
  }
  guard try hashed(algorithm, signer.der).bytes == info.certificateHash.value else {
    throw TimestampFailure(.untrusted, "the signed attributes name another certificate")
  }
  guard try hashed(info.hash, token.content).bytes == info.messageDigest else {
    throw TimestampFailure(.untrusted, "the signed message digest is not the content's")
  }
  guard let scheme = info.scheme(for: signer.publicKey.algorithm) else {
    throw TimestampFailure(
      .untrusted, "signature algorithm", got: info.signatureAlgorithm,
      want: "one for a \(signer.publicKey.algorithm.name) key")
  }
  do throws(CryptoFailure) {
    guard
      try signer.publicKey.isValid(
        signature: info.signature, overMessage: info.signedAttributes, scheme: scheme)
    else { throw CryptoFailure(.signatureMalformed, "its signature does not verify") }
  } catch {
    throw TimestampFailure(.untrusted, error.detail)
  }
}

private func hashed(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(TimestampFailure) -> Digest {
  do throws(CryptoFailure) { return try digest(algorithm, of: bytes) } catch {
    throw TimestampFailure(.untrusted, error.detail)
  }
}
