public import RekorCheck
public import SigstoreVerify
import WireCoding

/// Holds a log to what it showed before: split views, and trees that shrink, show at the client.
///
/// For a log that was asked just now. A bundle may hold an older checkpoint, and rightly.
public struct LogWatch {
  private let logs: [TransparencyLog]
  private let asked: LogLookUp
  private let remembered: (VerifiedCheckpoint) -> String?
  private let remember: (VerifiedCheckpoint) -> Void
  private let knowsOthers: (VerifiedCheckpoint) -> Bool

  /// - Parameters:
  ///   - logs: trusted; what is remembered counts only under their keys.
  ///   - remembered: the note that was kept of the same tree, if there is one.
  ///   - knowsOthers: whether something was kept of other trees of the same log.
  public init(
    logs: [TransparencyLog], asked: LogLookUp, remembered: @escaping (VerifiedCheckpoint) -> String?,
    remember: @escaping (VerifiedCheckpoint) -> Void, knowsOthers: @escaping (VerifiedCheckpoint) -> Bool
  ) {
    self.logs = logs
    self.asked = asked
    self.remembered = remembered
    self.remember = remember
    self.knowsOthers = knowsOthers
  }

  /// Throws unless the tree is the one that was seen before, or has it as its beginning; the log is asked for the proof of that.
  ///
  /// - Returns: true where other trees of this log were seen, and this one was not: a new shard, or a tree made for this client alone.
  public func observe(_ new: VerifiedCheckpoint) throws(VerificationFailure) -> Bool {
    // What trees are told apart by must not be the log's free choice of words.
    guard let tree = Checkpoint.treeID(of: new.origin) else {
      throw VerificationFailure(
        .log, RekorFailure(.checkpointMalformed, "the origin", got: new.origin, want: "<host> - <tree id>"))
    }
    // A memory that was damaged is none; it can make nothing better or worse.
    let known = remembered(new).flatMap { note in
      logs.lazy.filter { $0.logID == new.logID }.compactMap { try? $0.checkpoint(in: note) }.first
    }
    guard let known, Checkpoint.treeID(of: known.origin) == tree else {
      let isNewTree = knowsOthers(new)
      remember(new)
      return isNewTree
    }
    guard new.treeSize >= known.treeSize else {
      throw VerificationFailure(
        .log, RekorFailure(.treeShrank, new.log, got: Self.text(new.treeSize, new.rootHash), want: Self.text(known)))
    }
    let hashes =
      new.treeSize > known.treeSize
      ? try asked.consistencyProof(from: known.treeSize, to: new.treeSize, tree: tree) : []
    do throws(RekorFailure) {
      try ConsistencyProof.verify(
        first: (known.treeSize, known.rootHash), second: (new.treeSize, new.rootHash), hashes: hashes)
    } catch { throw VerificationFailure(.log, error) }
    if new.treeSize > known.treeSize { remember(new) }
    return false
  }

  private static func text(_ known: Checkpoint) -> String { text(known.treeSize, known.rootHash) }

  private static func text(_ size: UInt64, _ root: [UInt8]) -> String {
    "tree of \(size) with root \(Hex.encode(root))"
  }
}
