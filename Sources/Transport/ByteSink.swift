public import WireCoding

/// Where a download goes. A failure that it throws ends the download and is passed on as it is; `sinkFailed` is meant
/// for it.
public protocol ByteSink: AnyObject {
  /// Called before each attempt: what was written before is void.
  func begin() throws(TransportFailure)
  /// Takes further bytes, which are valid during the call only.
  func write(_ bytes: UnsafeRawBufferPointer) throws(TransportFailure)
}

/// Keeps a body in memory.
final class MemorySink: ByteSink {
  private(set) var bytes: [UInt8] = []

  func begin() { bytes.removeAll(keepingCapacity: true) }

  func write(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }
}
