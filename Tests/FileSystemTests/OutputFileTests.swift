import Foundation
import Testing

@testable import FileSystem

@Suite("A file that the user names to be written")
final class OutputFileTests {
  private let folder = NSTemporaryDirectory() + "/nexo-output-" + UUID().uuidString
  private let files = FileManager.default

  init() throws { try files.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ text: String, _ name: String) throws(SystemError) {
    try OutputFile.write(Array(text.utf8), to: Array("\(folder)/\(name)".utf8))
  }

  private func text(_ name: String) -> String? {
    files.contents(atPath: "\(folder)/\(name)").map { String(decoding: $0, as: UTF8.self) }
  }

  private func number(_ body: () throws -> Void) -> Int32? {
    do { try body() } catch { return (error as? SystemError)?.number }
    return nil
  }

  @Test("is made where there is none, and else replaced with its mode; nothing is left beside it")
  func replaced() throws {
    try write("one", "a")
    #expect(text("a") == "one")
    try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/a")
    try write("2", "a")
    #expect(text("a") == "2")
    #expect(try files.attributesOfItem(atPath: folder + "/a")[.posixPermissions] as? Int == 0o600)
    #expect(try files.contentsOfDirectory(atPath: folder) == ["a"])
  }

  @Test("a link stays a link, and one to nothing is refused")
  func links() throws {
    try files.createDirectory(atPath: folder + "/real", withIntermediateDirectories: true)
    try write("one", "real/a")
    try files.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "real/a")
    try write("two", "link")
    #expect(text("real/a") == "two")
    #expect(try files.destinationOfSymbolicLink(atPath: folder + "/link") == "real/a")
    #expect(try files.contentsOfDirectory(atPath: folder + "/real") == ["a"])
    try files.removeItem(atPath: folder + "/real/a")
    #expect(number { try write("three", "link") } == ENOENT)
    #expect(text("real/a") == nil)
  }

  @Test("a device or a pipe is written to and stays what it is")
  func special() throws {
    #expect(mkfifo(folder + "/pipe", 0o600) == 0)
    let reader = open(folder + "/pipe", O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try write("through", "pipe")
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &buffer, 16) == 7)
    try files.createSymbolicLink(atPath: folder + "/null", withDestinationPath: "/dev/null")
    try write("nothing", "null")
    for name in [folder + "/pipe", "/dev/null"] {
      var status = stat()
      #expect(lstat(name, &status) == 0 && status.st_mode & S_IFMT != S_IFREG)
    }
  }

  @Test("a pipe that nobody reads is an error, and nobody waits")
  func unread() throws {
    #expect(mkfifo(folder + "/pipe", 0o600) == 0)
    #expect(number { try write("x", "pipe") } == ENXIO)
  }

  @Test("two names of one file are told, and none of a device")
  func same() throws {
    try write("x", "a")
    try files.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "a")
    try files.linkItem(atPath: folder + "/a", toPath: folder + "/hard")
    func isSame(_ one: String, _ other: String) -> Bool {
      OutputFile.isSame(Array("\(folder)/\(one)".utf8), Array("\(folder)/\(other)".utf8))
    }
    #expect(isSame("a", "a") && isSame("a", "./a") && isSame("a", "link") && isSame("a", "hard"))
    #expect(isSame("none", "none") && isSame("none", "./none"))
    #expect(!isSame("a", "none") && !isSame("none", "other") && !isSame("none/x", "nothing/x"))
    #expect(!OutputFile.isSame(Array("/dev/null".utf8), Array("/dev/null".utf8)))
  }

  @Test("the name of a descriptor is no name to replace, also where it leads to a file")
  func descriptor() throws {
    let file = open(folder + "/out", O_WRONLY | O_CREAT, 0o600)
    defer { close(file) }
    #expect(Foundation.write(file, "said ", 5) == 5)
    try OutputFile.write(Array("more".utf8), to: Array("/dev/fd/\(file)".utf8))
    #expect(text("out") == "said more")
    var (one, two) = (stat(), stat())
    #expect(fstat(file, &one) == 0 && stat(folder + "/out", &two) == 0 && one.st_ino == two.st_ino)
  }

  @Test("what cannot be written leaves what was there")
  func refused() throws {
    try write("old", "a")
    #expect(number { try write("x", "") } == EISDIR)
    #expect(number { try write("x", "none/a") } == ENOENT)
    #expect(number { try write("x", "a/b") } == ENOTDIR)
    #expect(number { try OutputFile.write([], to: []) } == EINVAL)
    #expect(number { try OutputFile.write([], to: Array("\(folder)/a\0b".utf8)) } == EINVAL)
    // Nobody may write there, root included.
    #expect(number { try OutputFile.write([1], to: Array("/proc/version".utf8)) } != nil)
    #expect(number { try OutputFile.write([1], to: Array("/dev/full".utf8)) } == ENOSPC)
    #expect(text("a") == "old")
    #expect(try files.contentsOfDirectory(atPath: folder) == ["a"])
  }

  @Test("a name in no encoding is a name")
  func bytes() throws {
    try OutputFile.write([0x31], to: Array("\(folder)/".utf8) + [0xff, 0x41])
    #expect(try Folder(path: folder).names(atMost: 9).count == 1)
  }

  @Test("in a folder: whole under its name, and what a killed process left is taken away")
  func folders() throws {
    let open = try Folder(path: folder)
    try write("half", ".nexo.new")
    try open.write("a", mode: 0o640, isLocked: true, [0x31])
    try open.write("a", mode: 0o640, isLocked: false, [0x32])
    #expect(text("a") == "2")
    #expect(try open.entry("a")?.mode == 0o640)
    #expect(try open.names(atMost: 9) == ["a"])
    try files.createDirectory(atPath: folder + "/b", withIntermediateDirectories: true)
    #expect(number { try open.write("b", mode: 0o640, isLocked: true, [0x31]) } == EISDIR)
    #expect(try open.names(atMost: 9) == ["a", "b"])
  }
}
