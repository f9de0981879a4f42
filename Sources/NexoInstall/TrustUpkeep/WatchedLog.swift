public import RekorCheck
public import SigstoreServices
import SigstoreVerify
public import TrustStore

extension LogMemory {
  /// Holds a log that is asked to what this memory has of it.
  public func watch(_ logs: [TransparencyLog], _ asked: LogLookUp) -> LogWatch {
    LogWatch(
      logs: logs, asked: asked, remembered: { note(of: $0.logID, origin: $0.origin) },
      remember: { keep($0.note, of: $0.logID, origin: $0.origin) })
  }
}
