import Glibc
import Testing
import WireCoding

@testable import VerifyCommands

private func refusal(_ path: String, limit: Int = 100) -> CommandFailure? {
  do throws(CommandFailure) {
    _ = try InputFile.read(Array(path.utf8), limit: limit)
    return nil
  } catch {
    return error
  }
}

@Suite("Small files")
struct InputFileTests {
  let folder = TestFolder()

  @Test("read whole, at the limit and not beyond it", arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
  func limits(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    let path = folder.write("file", bytes)
    #expect(try InputFile.read(Array(path.utf8), limit: size) == bytes)
    if size > 0 { #expect(refusal(path, limit: size - 1)?.code == .tooLarge) }
  }

  @Test("of a file that is far too large no more is read than shows it")
  func huge() {
    let path = folder.write("huge", [])
    #expect(truncate(path, 1 << 30) == 0)
    func peak() -> Int {
      var usage = rusage()
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss / 1024
    }
    let before = peak()
    #expect(refusal(path, limit: 1000)?.code == .tooLarge)
    // In MB. Other tests run at the same time, and none of them takes anything like that.
    #expect(peak() < before + 500)
  }

  @Test("a file whose size the system does not know is read to its end")
  func unknownSize() throws {
    // The system says that it has 0 bytes.
    #expect(try InputFile.read(Array("/proc/self/status".utf8), limit: 1 << 20).isEmpty == false)
    #expect(refusal("/proc/self/status", limit: 10)?.code == .tooLarge)
  }

  @Test("what is missing or cannot be reached")
  func unreadable() {
    let file = folder.write("file", [1])
    symlink("loop", folder.path + "/loop")
    for (path, detail) in [
      (folder.path + "/none", "no such file"), (file + "/x", "a part of its path is no folder"),
      (folder.path + "/loop", "too many symbolic links"), ("", "no such file"),
      (folder.path + "/" + String(repeating: "x", count: 5000), "its name is too long"),
    ] {
      #expect(refusal(path)?.code == .unreadable)
      #expect(refusal(path)?.detail == detail)
    }
    #expect(refusal("a\0b")?.code == .unreadable)
    // Permissions do not hold the superuser.
    if geteuid() != 0 {
      chmod(file, 0)
      #expect(refusal(file)?.detail == "permission denied")
    }
  }

  @Test("what is no regular file is refused at once, and never waited for")
  func notRegular() {
    let socket = folder.path + "/socket"
    #expect(makeSocket(socket))
    for (path, detail) in [
      (folder.path, "a folder"), (folder.fifo("fifo"), "a pipe"), ("/dev/zero", "a device"), ("/dev/null", "a device"),
      (socket, "a socket or a device"),
    ] {
      #expect(refusal(path)?.code == .notRegularFile)
      #expect(refusal(path)?.detail == detail)
    }
  }

  @Test("a path need not be UTF-8")
  func rawPath() throws {
    let path = Array(folder.path.utf8) + [0x2f, 0xff, 0xfe]
    let descriptor = open(path.map { CChar(bitPattern: $0) } + [0], O_WRONLY | O_CREAT, 0o600)
    #expect(write(descriptor, [7], 1) == 1)
    close(descriptor)
    #expect(try InputFile.read(path, limit: 10) == [7])
    unlink(path.map { CChar(bitPattern: $0) } + [0])
  }

  @Test("no descriptor is left open")
  func closed() throws {
    let path = folder.write("file", [1])
    func free() -> Int32 {
      let descriptor = dup(0)
      close(descriptor)
      return descriptor
    }
    // Other tests open files at the same time: a leak of many descriptors shows all the same.
    let before = free()
    for _ in 0..<300 {
      _ = try InputFile.read(Array(path.utf8), limit: 10)
      _ = refusal(folder.path)
    }
    #expect(free() < before + 200)
  }

  private func makeSocket(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
