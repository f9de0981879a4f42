import CArchive
import Glibc

/// The decompressed bytes of a gzip file, by libarchive, read from one open descriptor.
///
/// libarchive decompresses and no more: what a tar header says is read by `TarReader`, because libarchive's own reader
/// hides what the rules are about (global headers, sizes that disagree, long names) and takes many formats for a tarball.
/// The file is one gzip member and nothing else (RFC 1952, 2.2). Not checked: its CRC; whoever calls has hashed the
/// file.
final class GzipStream {
  private let archive: OpaquePointer
  private let descriptor: Int32
  private let size: Int
  private let limit: Int
  private let overhead: Int
  /// Decompressed so far, in bytes.
  private(set) var total = 0
  /// Not yet taken from the current block. Valid until the next block is read.
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)

  /// - Parameters:
  ///   - descriptor: read from its start; not closed here.
  ///   - size: of the file, in bytes.
  ///   - limit: of bytes that are worth something; named in messages.
  ///   - overhead: of decompressed bytes beside those.
  init(descriptor: Int32, size: Int, limit: Int, overhead: Int) throws(InstallFailure) {
    guard let archive = archive_read_new() else {
      throw InstallFailure(.extractIo, "extract io error: read tar entries: out of memory")
    }
    self.archive = archive
    self.descriptor = descriptor
    self.size = size
    self.limit = limit
    self.overhead = overhead
    guard lseek(descriptor, 0, SEEK_SET) == 0, archive_read_support_filter_gzip(archive) == ARCHIVE_OK,
      archive_read_support_format_raw(archive) == ARCHIVE_OK,
      archive_read_open_fd(archive, descriptor, 256 << 10) == ARCHIVE_OK
    else { throw failure() }
    var entry: OpaquePointer?
    guard archive_read_next_header(archive, &entry) == ARCHIVE_OK else { throw failure() }
    // Code 1 is gzip; without a filter the file is no gzip, and taken as it is.
    guard archive_filter_count(archive) == 2, archive_filter_code(archive, 0) == 1 else {
      throw InstallFailure(.extractIo, "extract io error: read tar entries: the tarball is no gzip file")
    }
  }

  deinit { archive_read_free(archive) }

  private func failure() -> InstallFailure {
    let text = archive_error_string(archive).map { String(cString: $0) } ?? "unreadable"
    return InstallFailure(.extractIo, "extract io error: read tar entries: \(text)")
  }

  /// At most `count` bytes, at least one; empty at the end. Valid until the next call.
  func take(upTo count: Int) throws(InstallFailure) -> UnsafeRawBufferPointer {
    while rest.isEmpty {
      var start: UnsafeRawPointer?
      var size = 0
      var offset: Int64 = 0
      switch archive_read_data_block(archive, &start, &size, &offset) {
      case ARCHIVE_OK: break
      case ARCHIVE_EOF:
        try checkTrailer()
        return UnsafeRawBufferPointer(start: nil, count: 0)
      default: throw failure()
      }
      // A raw stream has no holes; a gap here would shift everything behind it.
      guard offset == Int64(total) else { throw failure() }
      total += size
      guard total <= limit + overhead else { throw InstallFailure.extractedTooLarge(limit) }
      rest = UnsafeRawBufferPointer(start: start, count: size)
    }
    let taken = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken.count))
    return taken
  }

  /// libarchive ends quietly before whatever is no gzip behind a member, and does not look at the member's length; of
  /// several members it reads all, where others read one. So nothing may be left over, and the length at the end of the
  /// file is that of everything.
  private func checkTrailer() throws(InstallFailure) {
    var length: UInt32 = 0
    guard archive_filter_bytes(archive, -1) == size, pread(descriptor, &length, 4, size - 4) == 4,
      UInt32(littleEndian: length) == UInt32(truncatingIfNeeded: total)
    else {
      throw InstallFailure(.extractIo, "extract io error: read tar entries: the gzip file does not end as it should")
    }
  }

  /// Exactly `count` bytes, handed on in pieces. Throws where the stream ends before.
  func read(_ count: Int, _ body: (UnsafeRawBufferPointer) throws(InstallFailure) -> Void) throws(InstallFailure) {
    var left = count
    while left > 0 {
      let bytes = try take(upTo: left)
      guard !bytes.isEmpty else {
        throw InstallFailure(.extractIo, "extract io error: read tar entries: the archive ends in the middle")
      }
      try body(bytes)
      left -= bytes.count
    }
  }

  func bytes(_ count: Int) throws(InstallFailure) -> [UInt8] {
    var all: [UInt8] = []
    all.reserveCapacity(count)
    try read(count) { (bytes) throws(InstallFailure) in all.append(contentsOf: bytes) }
    return all
  }
}

extension InstallFailure {
  static func extractedTooLarge(_ limit: Int) -> InstallFailure {
    InstallFailure(.extractedTooLarge, "total extracted size exceeds limit \(limit)")
  }

  static func tooManyEntries(_ limit: Int) -> InstallFailure {
    InstallFailure(.tooManyEntries, "tarball entry count exceeds limit \(limit)")
  }
}
