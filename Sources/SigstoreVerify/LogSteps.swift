import RekorCheck
import SigstoreBundle
import TimestampCheck
import WireCoding

/// Evidence of when: verified times only, none in the future. Only step 2 makes one.
struct SigningTimes: Sendable {
  let all: [UnixTime]

  fileprivate init(_ all: [UnixTime]) { self.all = all }
}

extension Recipe {
  /// Step 1.
  mutating func loggedEntries() throws(VerificationFailure) -> [LoggedEntry] {
    let logs = anchors.transparencyLogs
    let bundle = self.bundle
    let minimum = max(policy.minimumLogs, policy.log == .required ? 1 : 0)
    let result = try at(.log) { () throws(RekorFailure) in
      try verifyLogEntries(of: bundle, logs: logs, minimum: minimum)
    }
    for logged in result.verified { trace(logged) }
    if policy.requiresInclusionProof {
      try at(.log) { () throws(RekorFailure) in
        for logged in result.verified where !logged.evidence.contains(.inclusion) {
          throw RekorFailure(.proofMissing, bundle.origin.rawValue, place: logged.entry.place)
        }
      }
    }
    try witnesses(result.verified)
    for entry in result.unknown {
      caution(.unknownLog, "an entry of a log that the trusted root does not hold was left out of account")
      note(.log, "an entry of an unknown log", "Sigstore client spec, 4.4", .noted, ["logID": .bytes(entry.logID)])
    }
    if result.verified.isEmpty {
      caution(.logIgnored, "no transparency log was asked for")
      note(.log, "transparency log", "Sigstore client spec, 4.4", .skipped)
    }
    return result.verified
  }

  /// Every entry's checkpoint, so that none counts that nobody watched.
  private mutating func witnesses(_ logged: [LoggedEntry]) throws(VerificationFailure) {
    guard let witnesses = policy.witnesses else { return }
    let found = try at(.log) { () throws(RekorFailure) in
      guard !logged.isEmpty else {
        throw RekorFailure(.witnessesTooFew, "no log entry", want: "\(witnesses.minimum)")
      }
      var found: [VerifiedCosignature] = []
      for entry in logged { found += try entry.verifyWitnesses(witnesses) }
      return found
    }
    for cosignature in found {
      note(
        .log, "a trusted witness saw the checkpoint", "C2SP tlog-cosignature, cosignature/v1", .passed,
        ["witness": .text(cosignature.name), "witnessTime": .time(cosignature.time)])
    }
  }

  private mutating func trace(_ logged: LoggedEntry) {
    if let time = logged.integratedTime {
      note(
        .log, "the log promised to include the entry, and signed its time", "Rekor v1 signed entry timestamp", .passed,
        [
          "log": .text(logged.log.name), "logID": .bytes(logged.log.logID), "logIndex": .number(logged.entry.logIndex),
          "integratedTime": .time(time), "keyWindow": .window(logged.log.validFor),
        ])
    }
    if let checkpoint = logged.checkpoint, let proof = logged.entry.proof {
      note(
        .log, "the entry is in the tree whose root the log signed", "RFC 6962, 2.1.1; C2SP tlog-checkpoint", .passed,
        [
          "logID": .bytes(logged.log.logID), "origin": .text(checkpoint.origin), "index": .number(proof.logIndex),
          "treeSize": .number(checkpoint.treeSize),
          "rootHash": .bytes(checkpoint.rootHash), "keyHint": .bytes(logged.log.keyHint),
        ])
    }
    switch logged.evidence {
    case .promise:
      caution(.promiseOnly, "the verdict rests on the log's promise to include the entry; no inclusion proof was given")
    case .inclusion:
      caution(.inclusionOnly, "the entry was shown to be in the log; the log signed no time for it")
    default: break
    }
  }

  /// Step 2: at least one trusted time.
  mutating func signingTimes(_ logged: [LoggedEntry]) throws(VerificationFailure) -> SigningTimes {
    let times = try optionalSigningTimes(logged)
    guard !times.all.isEmpty else {
      let unsigned = bundle.logEntries.contains { $0.integratedTime != nil }
      throw VerificationFailure(
        .times, VerifyFailure(.timesNone, unsigned ? "the entry's integrated time is not signed" : nil))
    }
    return times
  }

  /// Every verified time. A managed key without a validity window needs none.
  mutating func optionalSigningTimes(_ logged: [LoggedEntry]) throws(VerificationFailure) -> SigningTimes {
    var times = logged.compactMap(\.integratedTime)
    times += try timestamps()
    let now = self.now
    try at(.times) { () throws(VerifyFailure) in
      // No tolerance: a log's clock that runs ahead is the log's problem.
      for time in times where time > now {
        throw VerifyFailure(.timesInFuture, got: time.rfc3339, want: "not after \(now.rfc3339)")
      }
    }
    try at(.log) { () throws(RekorFailure) in
      for entry in logged { try entry.checkKeyWindow(at: times, now: now) }
    }
    for time in times {
      note(
        .times, "a trusted time", "Sigstore client spec, 4.2", .passed, ["time": .time(time), "now": .time(now)])
    }
    return SigningTimes(times)
  }

  private mutating func timestamps() throws(VerificationFailure) -> [UnixTime] {
    let verified = try verifiedTimestamps()
    let distinct = Set(verified.map(\.authority)).count
    guard distinct >= policy.minimumTimestamps else {
      throw VerificationFailure(
        .times,
        VerifyFailure(.timesTooFew, got: "\(distinct) distinct authorities", want: "\(policy.minimumTimestamps)"))
    }
    return verified.map(\.time)
  }

  private mutating func verifiedTimestamps() throws(VerificationFailure) -> [VerifiedTimestamp] {
    guard !bundle.timestamps.isEmpty else { return [] }
    let (tokens, signature, authorities) = (bundle.timestamps, bundle.content.signature, anchors.timestampAuthorities)
    let refusesUnknown = policy.refusesUnknownTimestamps
    let result = try at(.times) { () throws(TimestampFailure) in
      try verifyTimestamps(tokens, over: signature, authorities: authorities, refusesUnknown: refusesUnknown)
    }
    for stamp in result.verified {
      note(
        .times, "a trusted timestamp authority stamped the signature", "RFC 3161, 2.4.2", .passed,
        [
          "time": .time(stamp.time), "signer": .text(stamp.signerName),
          "authorityWindow": .window(stamp.authorityWindow),
        ])
    }
    for _ in 0..<result.unknownCount {
      caution(
        .unknownTimestamp, "a timestamp of an authority that the trusted root does not hold was left out of account")
      note(.times, "a timestamp of an unknown authority", "Sigstore client spec, 4.2", .noted)
    }
    return result.verified
  }
}
