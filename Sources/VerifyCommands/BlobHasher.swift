import Glibc
import OpenSSLCrypto
import SigstoreVerify
import WireCoding

/// Digests of the artifact, read once from front to back. Memory does not grow with it.
struct BlobHasher {
  let algorithms: Set<HashAlgorithm>
  let standardInput: Int32
  /// How long a pipe may stay silent, in milliseconds; nil waits for ever.
  let silence: Int?

  /// Large enough that the calls cost nothing beside the hashing, small enough for the second-level cache.
  private static let chunk = 1 << 20
  private static let smallestChunk = 16 << 10
  /// How long a FIFO may have no writer at all. A writer that has opened it may take its time.
  private static let writerPatience = 10_000

  func digests(of source: BlobSource) throws(Refusal) -> ArtifactDigests {
    let digests: [Digest]
    switch source {
    case .digest(let digest, let path):
      if let path { try Self.refuseNamesake(path) }
      digests = [digest]
    case .bytes(let bytes, _):
      digests = try reading(source.label) { () throws(CommandFailure) in
        try hashing { () throws(CryptoFailure) in
          var digests: [Digest] = []
          for algorithm in algorithms { digests.append(try digest(algorithm, of: bytes)) }
          return digests
        }
      }
    case .standardInput:
      digests = try reading(source.label) { () throws(CommandFailure) in
        try hash(OpenFile(borrowing: standardInput), isNamed: false)
      }
    case .file(let path):
      digests = try reading(source.label) { () throws(CommandFailure) in try hash(OpenFile(path: path), isNamed: true) }
    }
    return try reading(source.label) { () throws(VerifyFailure) in try ArtifactDigests(digests) }
  }

  /// cosign takes a file of that name for the artifact. Whoever can put a file there could then choose what is
  /// verified, and whoever verifies every file of a folder would not see that one: so neither reading wins.
  private static func refuseNamesake(_ path: [UInt8]) throws(Refusal) {
    guard InputFile.exists(path) else { return }
    throw .usage(
      "BLOB is a digest, and there is a file of that name",
      advice: "write ./ in front for the file, or change the folder for the digest")
  }

  /// - Parameter isNamed: opened by us: a FIFO may have no writer yet, which looks like its end.
  private func hash(_ file: consuming OpenFile, isNamed: Bool) throws(CommandFailure) -> [Digest] {
    switch file.kind {
    case .regular: posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    case .pipe, .terminal, .socket, .closed: break
    case .folder, .device, .other: throw CommandFailure(.notRegularFile, file.kind.name)
    }
    // Memory that is touched for the first time costs more than hashing a small file.
    let size = max(Self.smallestChunk, min(Self.chunk - 1, file.size) + 1)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
    defer { buffer.deallocate() }
    let hasher = try hashing { () throws(CryptoFailure) in try StreamHasher(algorithms) }
    var patience = silence ?? Self.writerPatience
    var hasWriter = !isNamed || file.kind != .pipe
    reading: while true {
      if silence != nil, hasWriter, file.kind != .regular { try wait(for: file) }
      switch try file.read(into: buffer) {
      case .bytes(let count):
        hasWriter = true
        let chunk = UnsafeRawBufferPointer(rebasing: buffer.prefix(count))
        try hashing { () throws(CryptoFailure) in try hasher.update(chunk) }
      case .wouldWait:
        hasWriter = true
        try wait(for: file)
      case .end:
        if hasWriter { break reading }
        // A writer that opens it and writes nothing ends no poll, but shows in the next read.
        guard patience > 0 else { throw CommandFailure(.unreadable, "nobody writes to this pipe") }
        let slice = min(patience, 20)
        hasWriter = file.poll(milliseconds: slice)
        patience -= slice
      }
    }
    var digests: [Digest] = []
    for algorithm in algorithms {
      digests.append(try hashing { () throws(CryptoFailure) in try hasher.finish(algorithm) })
    }
    return digests
  }

  /// Until there is something to read, or the end.
  private func wait(for file: borrowing OpenFile) throws(CommandFailure) {
    guard file.poll(milliseconds: silence) else {
      throw CommandFailure(.unreadable, "nothing came for \(silence ?? 0) ms")
    }
  }
}

/// libcrypto's refusal to hash says nothing about the file.
private func hashing<T: ~Copyable>(_ body: () throws(CryptoFailure) -> T) throws(CommandFailure) -> T {
  do throws(CryptoFailure) { return try body() } catch { throw CommandFailure(.cryptoFailed, error.detail) }
}
