import Glibc
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

/// Writes in a thread of its own: opens, waits, writes in two parts, closes.
private func feed(_ path: String, _ bytes: [UInt8], pause: UInt32 = 0) {
  final class Job {
    let (path, bytes, pause): (String, [UInt8], UInt32)
    init(_ path: String, _ bytes: [UInt8], _ pause: UInt32) {
      (self.path, self.bytes, self.pause) = (path, bytes, pause)
    }
  }
  var thread = pthread_t()
  let job = Unmanaged.passRetained(Job(path, bytes, pause)).toOpaque()
  pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      let job = Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
      usleep(job.pause)
      let descriptor = open(job.path, O_WRONLY)
      usleep(job.pause)
      var sent = 0
      while sent < job.bytes.count {
        let count = job.bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, min($0.count, 1000)) }
        guard count > 0 else { break }
        sent += count
      }
      close(descriptor)
      return nil
    }, job)
  pthread_detach(thread)
}

@Suite("The blob")
struct BlobHasherTests {
  let folder = TestFolder()
  static let all = Set(HashAlgorithm.allCases)

  private func digests(
    _ source: BlobSource, _ algorithms: Set<HashAlgorithm> = Self.all, input: Int32 = -1, silence: Int? = nil
  ) throws -> [Digest] {
    try BlobHasher(algorithms: algorithms, standardInput: input, silence: silence).digests(of: source).all
  }

  private func refusal(_ source: BlobSource, input: Int32 = -1, silence: Int? = nil) -> Refusal? {
    do {
      _ = try digests(source, input: input, silence: silence)
      return nil
    } catch {
      return error as? Refusal
    }
  }

  private func expected(_ bytes: [UInt8]) -> [[UInt8]] {
    [HashName.sha256(bytes), HashName.sha384(bytes), HashName.sha512(bytes)]
  }

  @Test("a file, with every algorithm asked for", arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_000])
  func file(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
    let path = BlobSource.file(Array(folder.write("blob", bytes).utf8))
    #expect(try digests(path).map(\.bytes) == expected(bytes))
    #expect(try digests(path, [.sha384]).map(\.bytes) == [HashName.sha384(bytes)])
  }

  @Test("standard input: a file, a pipe, an empty pipe")
  func standardInput() throws {
    let bytes = [UInt8](repeating: 9, count: 5000)
    let file = open(folder.write("blob", bytes), O_RDONLY)
    defer { close(file) }
    #expect(try digests(.standardInput, input: file).map(\.bytes) == expected(bytes))
    // It is not ours to close.
    #expect(fcntl(file, F_GETFD) >= 0)
    for content in [bytes, []] {
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      #expect(write(ends[1], content, content.count) == content.count)
      close(ends[1])
      #expect(try digests(.standardInput, input: ends[0]).map(\.bytes) == expected(content))
      close(ends[0])
    }
  }

  @Test("a FIFO is read once, and waits for its writer", arguments: [0, 1, 200_000])
  func fifo(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    for pause in [0, 60_000] as [UInt32] {
      let path = folder.fifo("fifo \(size) \(pause)")
      feed(path, bytes, pause: pause)
      #expect(try digests(.file(Array(path.utf8))).map(\.bytes) == expected(bytes))
    }
  }

  @Test("a FIFO that nobody writes to, and a pipe that stays silent, end in time")
  func silence() {
    let fifo = Array(folder.fifo("fifo").utf8)
    #expect(refusal(.file(fifo), silence: 60)?.code == "input.unreadable")
    #expect(refusal(.file(fifo), silence: 60)?.detail == "nobody writes to this pipe")
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    #expect(refusal(.standardInput, input: ends[0], silence: 60)?.detail == "nothing came for 60 ms")
    close(ends[0])
    close(ends[1])
  }

  @Test("devices, folders and closed descriptors are no blobs")
  func notFiles() {
    for path in ["/dev/zero", "/dev/null", folder.path] {
      #expect(refusal(.file(Array(path.utf8)))?.code == "input.notRegularFile", "\(path)")
      let descriptor = open(path, O_RDONLY)
      #expect(refusal(.standardInput, input: descriptor)?.code == "input.notRegularFile", "\(path)")
      close(descriptor)
    }
    #expect(refusal(.standardInput, input: -1)?.code == "input.unreadable")
    #expect(refusal(.file(Array("/none/such".utf8)))?.code == "input.unreadable")
    #expect(refusal(.file(Array("/none/such".utf8)))?.input == "BLOB /none/such")
  }

  @Test("a digest is taken as it is; a file of that very name makes it ambiguous")
  func digest() throws {
    let digest = try #require(Digest(.sha512, [UInt8](repeating: 1, count: 64)))
    let missing = BlobSource.digest(digest, path: Array((folder.path + "/sha512:01").utf8))
    #expect(try digests(missing) == [digest])
    let path = folder.write("sha512:01", [1])
    #expect(refusal(.digest(digest, path: Array(path.utf8)))?.code == "usage.flag")
    symlink("nowhere", folder.path + "/sha512:02")
    #expect(refusal(.digest(digest, path: Array((folder.path + "/sha512:02").utf8)))?.code == "usage.flag")
  }
}
