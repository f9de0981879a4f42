import OpenSSLCrypto
public import SigstoreBundle
public import WireCoding

/// Which logs' entries were found.
public struct LogCheckResult: Sendable {
  public let verified: [LoggedEntry]
  /// Entries of logs that the trusted root does not hold. They count for nothing.
  public let unknown: [LogEntry]
}

/// Verifies every entry of a trusted log: promise, inclusion proof and checkpoint, as far as they are there and as the bundle's shape asks.
///
/// A cosign bundle and a v0.1 bundle must carry a promise; v0.2 and later a proof with a checkpoint. What is there beyond that is
/// verified too. Entries of unknown logs are returned apart. Equal (log, index) pairs are refused. Throws unless at least `minimum`
/// distinct logs remain; zero is for callers that do not ask for a log, and still refuses a bad entry of a known one.
public func verifyLogEntries(
  of bundle: Bundle, logs: [TransparencyLog], minimum: Int = 1
) throws(RekorFailure) -> LogCheckResult {
  var verified: [LoggedEntry] = []
  var unknown: [LogEntry] = []
  var seen: Set<[UInt8]> = []
  for entry in bundle.logEntries {
    guard seen.insert(entry.logID + Array(String(entry.logIndex).utf8)).inserted else {
      throw RekorFailure(.duplicate, got: "index \(entry.logIndex)", place: entry.place)
    }
    let candidates = logs.filter { $0.logID == entry.logID }
    if candidates.isEmpty {
      unknown.append(entry)
    } else {
      verified.append(try verify(entry, of: bundle.origin, candidates))
    }
  }
  let distinct = Set(verified.map { $0.log.operator ?? Hex.encode($0.log.logID) }).count
  guard distinct >= minimum else {
    if let entry = unknown.first, verified.isEmpty {
      throw RekorFailure(
        .unknown, got: Hex.encode(entry.logID),
        want: logs.isEmpty ? "the trusted root holds none" : logs.map { Hex.encode($0.logID) }.joined(separator: ", "),
        place: entry.place)
    }
    guard !verified.isEmpty else { throw RekorFailure(.missing, bundle.origin.rawValue) }
    throw RekorFailure(.tooFew, got: "\(distinct) distinct logs", want: "\(minimum)")
  }
  return LogCheckResult(verified: verified, unknown: unknown)
}

/// Candidates share a log id, and so a key; they may differ in their windows.
private func verify(
  _ entry: LogEntry, of origin: Bundle.Origin, _ candidates: [TransparencyLog]
) throws(RekorFailure) -> LoggedEntry {
  guard var log = candidates.first else { throw RekorFailure(.unknown, place: entry.place) }
  try checkRequired(entry, origin, log)
  var evidence: LoggedEntry.Evidence = []
  var integratedTime: UnixTime?
  if let promise = entry.promise {
    let time = try SignedEntryTimestamp.verify(promise, of: entry, by: log)
    guard let valid = candidates.first(where: { $0.validFor.contains(time) }) else {
      throw RekorFailure(.keyNotValid, log.name, got: time.rfc3339, want: log.validFor.description, place: entry.place)
    }
    log = valid
    integratedTime = time
    evidence.insert(.promise)
  }
  var checkpoint: Checkpoint?
  // A proof without a checkpoint leads to a root that nobody signed: it is no evidence, and only v0.1 gets here with one.
  if let proof = entry.proof, let note = proof.checkpoint {
    checkpoint = try verifyInclusion(entry, proof, note, log)
    evidence.insert(.inclusion)
  }
  return LoggedEntry(
    entry: entry, log: log, evidence: evidence, integratedTime: integratedTime, checkpoint: checkpoint)
}

private func checkRequired(_ entry: LogEntry, _ origin: Bundle.Origin, _ log: TransparencyLog) throws(RekorFailure) {
  switch origin {
  case .legacyCosign, .looseFiles, .v0_1:
    guard entry.promise != nil else { throw RekorFailure(.promiseMissing, origin.rawValue, place: entry.place) }
  case .v0_2, .v0_3, .lookedUp:
    if origin == .lookedUp, entry.promise == nil {
      throw RekorFailure(.promiseMissing, origin.rawValue, place: entry.place)
    }
    guard let proof = entry.proof else { throw RekorFailure(.proofMissing, origin.rawValue, place: entry.place) }
    guard proof.checkpoint != nil else { throw RekorFailure(.checkpointMissing, place: entry.place) }
  }
  guard log.isTiled else { return }
  guard entry.promise == nil else { throw RekorFailure(.promiseUnexpected, place: entry.place) }
  if let proof = entry.proof, proof.logIndex != entry.logIndex {
    throw RekorFailure(
      .indexMismatch, got: "\(proof.logIndex)", want: "\(entry.logIndex)", place: entry.place)
  }
}

/// Leaf to root, root and size to the checkpoint, checkpoint to the log's key.
private func verifyInclusion(
  _ entry: LogEntry, _ proof: LogEntry.InclusionProof, _ note: String, _ log: TransparencyLog
) throws(RekorFailure) -> Checkpoint {
  let checkpoint = try Checkpoint(parsing: note)
  try checkpoint.verify(by: log)
  guard checkpoint.treeSize == proof.treeSize else {
    throw RekorFailure(
      .sizeMismatch, got: "\(proof.treeSize)", want: "\(checkpoint.treeSize)", place: entry.place)
  }
  guard checkpoint.rootHash == proof.rootHash else {
    throw RekorFailure(
      .rootMismatch, "the proof and the checkpoint state different roots", got: Hex.encode(proof.rootHash),
      want: Hex.encode(checkpoint.rootHash), place: entry.place)
  }
  let leafHash: [UInt8]
  do throws(CryptoFailure) { leafHash = try MerkleProof.leafHash(entry.canonicalizedBody) } catch {
    throw RekorFailure(.rootMismatch, error.detail, place: entry.place)
  }
  let root = try MerkleProof.root(
    leafHash: leafHash, index: proof.logIndex, treeSize: proof.treeSize, hashes: proof.hashes)
  guard root == checkpoint.rootHash else {
    throw RekorFailure(
      .rootMismatch, got: Hex.encode(root), want: Hex.encode(checkpoint.rootHash), place: entry.place)
  }
  return checkpoint
}
