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

  /// - Parameters:
  ///   - logs: trusted; what is remembered counts only under their keys.
  ///   - remembered: the note that was kept of the same tree, if there is one.
  public init(
    logs: [TransparencyLog], asked: LogLookUp, remembered: @escaping (VerifiedCheckpoint) -> String?,
    remember: @escaping (VerifiedCheckpoint) -> Void
  ) {
    self.logs = logs
    self.asked = asked
    self.remembered = remembered
    self.remember = remember
  }

  /// Throws unless the tree is the one that was seen before, or has it as its beginning; the log is asked for the proof of that.
  public func observe(_ new: VerifiedCheckpoint) throws(VerificationFailure) {
    // A memory that was damaged is none; it can make nothing better or worse.
    let known = remembered(new).flatMap { note in
      logs.lazy.filter { $0.logID == new.logID }.compactMap { try? $0.checkpoint(in: note) }.first
    }
    guard let known, known.origin.utf8.elementsEqual(new.origin.utf8) else { return remember(new) }
    guard new.treeSize >= known.treeSize else {
      throw VerificationFailure(
        .log, RekorFailure(.treeShrank, new.log, got: Self.text(new.treeSize, new.rootHash), want: Self.text(known)))
    }
    let hashes =
      new.treeSize > known.treeSize
      ? try asked.consistencyProof(from: known.treeSize, to: new.treeSize, origin: new.origin) : []
    do throws(RekorFailure) {
      try ConsistencyProof.verify(
        first: (known.treeSize, known.rootHash), second: (new.treeSize, new.rootHash), hashes: hashes)
    } catch { throw VerificationFailure(.log, error) }
    if new.treeSize > known.treeSize { remember(new) }
  }

  private static func text(_ known: Checkpoint) -> String { text(known.treeSize, known.rootHash) }

  private static func text(_ size: UInt64, _ root: [UInt8]) -> String {
    "tree of \(size) with root \(Hex.encode(root))"
  }
}
