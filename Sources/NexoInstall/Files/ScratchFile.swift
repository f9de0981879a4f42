import FileSystem
import Glibc
import OpenSSLCrypto
import WireCoding

/// The tarball on its way: a file without a name, hashed as it is written.
///
/// Nobody else can open or swap it, and nothing is left of it however the process ends. The bytes that are hashed,
/// verified and unpacked are those behind this one descriptor.
final class ScratchFile {
  let descriptor: Int32
  private(set) var size = 0
  private var hasher: StreamHasher

  /// - Parameter folder: a private one, where there is room for it.
  init(in folder: Folder) throws(SystemError) {
    hasher = try Self.newHasher()
    // O_TMPFILE, which Glibc's overlay does not name.
    let unnamed: Int32 = 0o20000000 | O_DIRECTORY
    do throws(SystemError) {
      descriptor = try system { openat(folder.descriptor, ".", unnamed | O_RDWR | O_CLOEXEC, 0o600) }
    } catch {
      // Not every file system has it: then there is a name for a moment.
      guard [EOPNOTSUPP, EISDIR, ENOENT, EINVAL].contains(error.number) else { throw error }
      let name = "download"
      descriptor = try system {
        openat(folder.descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      }
      unlinkat(folder.descriptor, name, 0)
    }
  }

  deinit { close(descriptor) }

  func restart() throws(SystemError) {
    try system { ftruncate(descriptor, 0) }
    try system { lseek(descriptor, 0, SEEK_SET) }
    size = 0
    hasher = try Self.newHasher()
  }

  func append(_ bytes: [UInt8]) throws(SystemError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in try append(UnsafeRawBufferPointer(bytes)) }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    try writeAll(bytes, to: descriptor)
    size += bytes.count
    do throws(CryptoFailure) { try hasher.update(bytes) } catch { throw SystemError(EIO) }
  }

  /// Of what was written so far. It can be asked once.
  func finishSHA256() throws(SystemError) -> Digest {
    do throws(CryptoFailure) { return try hasher.finish(.sha256) } catch { throw SystemError(EIO) }
  }

  /// Further digests, read back from the start. Rare: nearly every signature is over SHA-256.
  func digests(_ algorithms: Set<HashAlgorithm>) throws(SystemError) -> [Digest] {
    do {
      let hasher = try StreamHasher(algorithms)
      try forEachChunk { (bytes) throws(SystemError) in
        do throws(CryptoFailure) { try hasher.update(bytes) } catch { throw SystemError(EIO) }
      }
      return try algorithms.map { try hasher.finish($0) }
    } catch let error as SystemError { throw error } catch { throw SystemError(EIO) }
  }

  /// Under a name of its own, synced.
  func copy(to folder: Folder, _ name: String) throws(SystemError) {
    try folder.create(name, mode: 0o644) { (file) throws(SystemError) in
      try forEachChunk { (bytes) throws(SystemError) in
        try writeAll(bytes, to: file)
      }
    }
  }

  private func forEachChunk(_ body: ([UInt8]) throws(SystemError) -> Void) throws(SystemError) {
    var offset = 0
    while offset < size {
      var problem: SystemError?
      let bytes = [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, count in
        do throws(SystemError) {
          count = try system { pread(descriptor, buffer.baseAddress, buffer.count, offset) }
        } catch { problem = error }
      }
      if let problem { throw problem }
      guard !bytes.isEmpty else { throw SystemError(EIO) }
      try body(bytes)
      offset += bytes.count
    }
  }

  private static func newHasher() throws(SystemError) -> StreamHasher {
    do throws(CryptoFailure) { return try StreamHasher([.sha256]) } catch { throw SystemError(EIO) }
  }
}
