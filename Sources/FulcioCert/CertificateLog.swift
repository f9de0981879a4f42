public import OpenSSLCrypto
public import WireCoding

/// A certificate transparency log of the trusted root.
public struct CertificateLog: Sendable {
  public let name: String
  /// SHA-256 of the key's SubjectPublicKeyInfo, 32 bytes.
  public let logID: [UInt8]
  public let key: PublicKey
  /// Applies to the SCT's own timestamp. Both ends inclusive.
  public let validFor: TimeWindow
  /// Two logs of one operator count once towards a threshold.
  public let `operator`: String?

  public init(name: String, logID: [UInt8], key: PublicKey, validFor: TimeWindow, operator: String?) {
    self.name = name
    self.logID = logID
    self.key = key
    self.validFor = validFor
    self.operator = `operator`
  }
}

/// Evidence that a trusted CT log promised to publish the leaf. Only `verifySCTs` makes one.
public struct VerifiedSCT: Sendable {
  public let log: CertificateLog
  public let timestamp: UnixTime

  init(log: CertificateLog, timestamp: UnixTime) {
    self.log = log
    self.timestamp = timestamp
  }
}

/// Checks the SCTs embedded in the leaf of a trusted chain (RFC 6962, 3.2 and 3.3).
///
/// Every SCT of a known log must verify and lie in the window of the log's key; SCTs of unknown logs do not count. Throws unless at
/// least `minimum` distinct logs vouch. Inclusion in the CT log itself is not checked: that would need the network.
public func verifySCTs(
  of chain: TrustedChain, logs: [CertificateLog], minimum: Int = 1
) throws(FulcioFailure) -> [VerifiedSCT] {
  guard let list = chain.leaf.structure.extension(SignedCertificateTimestamp.listExtension) else {
    throw FulcioFailure(.sctMissing)
  }
  let timestamps = try SignedCertificateTimestamp.list(fromExtension: list.value)
  guard !timestamps.isEmpty else { throw FulcioFailure(.sctMissing, "the list is empty") }
  let precertificate = chain.leaf.structure.precertificate
  let issuerKeyHash: [UInt8]
  do throws(CryptoFailure) {
    issuerKeyHash = try sha256(chain.issuer.structure.subjectPublicKeyInfo)
  } catch {
    throw FulcioFailure(.sctUntrusted, error.detail)
  }
  var verified: [VerifiedSCT] = []
  for sct in timestamps {
    let candidates = logs.filter { $0.logID == sct.logID }
    guard !candidates.isEmpty else { continue }
    try checkTime(of: sct, against: chain.leaf.validity)
    verified.append(
      try verify(
        sct, by: candidates, sct.signedData(issuerKeyHash: issuerKeyHash, precertificate: precertificate)))
  }
  guard !verified.isEmpty else {
    throw FulcioFailure(
      .sctUntrusted, "unknown certificate transparency log",
      got: timestamps.map { Hex.encode($0.logID) }.joined(separator: ", "),
      want: logs.isEmpty ? "the trusted root holds none" : logs.map { Hex.encode($0.logID) }.joined(separator: ", "))
  }
  let distinct = Set(verified.map { $0.log.operator ?? Hex.encode($0.log.logID) }).count
  guard distinct >= minimum else {
    throw FulcioFailure(.sctTooFew, got: "\(distinct) distinct logs", want: "\(minimum)")
  }
  return verified
}

/// A log sees a certificate when it is issued: before, by as much as two clocks may differ, and not after its end. The key's window alone
/// would let whoever has an old log key date a timestamp back into its life.
private func checkTime(
  of sct: SignedCertificateTimestamp, against life: TimeWindow
) throws(FulcioFailure) {
  let time = UnixTime(milliseconds: sct.timestamp)
  // Real ones lie within seconds of notBefore; a day is far above any clock's error, and far below a log's life.
  let tolerance: Int64 = 86_400
  if let end = life.end, time > end {
    throw FulcioFailure(.sctTimeOutside, got: time.rfc3339, want: "not after \(end.rfc3339)")
  }
  if let start = life.start, time < UnixTime(seconds: start.seconds &- tolerance) {
    throw FulcioFailure(.sctTimeOutside, got: time.rfc3339, want: "at most a day before \(start.rfc3339)")
  }
}

/// A trusted root may list one key several times with different windows: any of them may hold the timestamp.
private func verify(
  _ sct: SignedCertificateTimestamp, by candidates: [CertificateLog], _ data: [UInt8]
) throws(FulcioFailure) -> VerifiedSCT {
  let time = UnixTime(milliseconds: sct.timestamp)
  guard let log = candidates.first(where: { $0.validFor.contains(time) }) else {
    throw FulcioFailure(
      .sctKeyNotValid, candidates.first?.name, got: time.rfc3339, want: candidates.first?.validFor.description)
  }
  let scheme: SignatureScheme = sct.algorithm == .rsa ? .rsaPKCS1v15(.sha256) : .ecdsa(.sha256)
  let isValid: Bool
  do throws(CryptoFailure) {
    isValid = try log.key.isValid(signature: sct.signature, overMessage: data, scheme: scheme)
  } catch {
    throw FulcioFailure(.sctUntrusted, "\(log.name): \(error.detail)")
  }
  guard isValid else { throw FulcioFailure(.sctUntrusted, "the signature of \(log.name) does not verify") }
  return VerifiedSCT(log: log, timestamp: time)
}
