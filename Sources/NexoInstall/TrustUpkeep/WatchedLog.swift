public import RekorCheck
public import SigstoreServices
import SigstoreVerify
public import TrustStore

extension LogMemory {
  /// Holds a log that is asked to what this memory has of it.
  public func watch(_ logs: [TransparencyLog], _ asked: LogLookUp) -> LogWatch {
    // A checkpoint without a tree's id is refused before anything is kept of it.
    func tree(_ checkpoint: VerifiedCheckpoint) -> UInt64 { Checkpoint.treeID(of: checkpoint.origin) ?? 0 }
    return LogWatch(
      logs: logs, asked: asked, remembered: { note(of: $0.logID, tree: tree($0)) },
      remember: { keep($0.note, of: $0.logID, tree: tree($0)) },
      knowsOthers: { knowsOthers(of: $0.logID, than: tree($0)) })
  }
}
