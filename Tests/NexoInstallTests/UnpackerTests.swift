import Foundation
import Glibc
import Support
import Testing
import WireCoding

@testable import NexoInstall

/// A tar archive block by block, so that any field can be wrong.
private struct RawTar {
  var bytes: [UInt8] = []

  static func header(
    _ name: String, type: Character = "0", size: Int = 0, mode: String = "0000644", prefix: String = "",
    magic: String = "ustar\u{0}00", rawSize: String? = nil, breakChecksum: Bool = false
  ) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    put(name, 0)
    put(mode, 100)
    put(rawSize ?? String(format: "%011o", size), 124)
    put("        ", 148)
    block[156] = type == "\0" ? 0 : UInt8(String(type).utf8.first!)
    put(magic, 257)
    put(prefix, 345)
    let sum = block.reduce(0) { $0 + Int($1) } + (breakChecksum ? 1 : 0)
    put(String(format: "%06o\0 ", sum), 148)
    return block
  }

  static func padded(_ content: [UInt8]) -> [UInt8] {
    content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  static func file(_ name: String, _ text: String = "x", mode: String = "0000644") -> [UInt8] {
    header(name, size: text.utf8.count, mode: mode) + padded(Array(text.utf8))
  }

  static func pax(_ records: [(String, String)], type: Character = "x") -> [UInt8] {
    var content: [UInt8] = []
    for (key, value) in records {
      let body = " \(key)=\(value)\n"
      var length = body.utf8.count + 1
      while String(length).utf8.count + body.utf8.count != length { length += 1 }
      content += Array((String(length) + body).utf8)
    }
    return header("pax", type: type, size: content.count) + padded(content)
  }

  static func longName(_ name: String, type: Character = "L") -> [UInt8] {
    let content = Array(name.utf8) + [0]
    return header("././@LongLink", type: type, size: content.count) + padded(content)
  }

  static let end = [UInt8](repeating: 0, count: 1024)
}

@Suite("Unpacking")
struct UnpackerTests {
  private final class Place {
    let path: String
    init() {
      path = NSTemporaryDirectory() + "/nexo-unpack-" + UUID().uuidString
      try? FileManager.default.createDirectory(atPath: path + "/in", withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    var tree: [String] { Desk.tree(path).filter { $0 != "in/" && $0 != "tarball" } }
  }

  private func unpack(
    gzipped: [UInt8], in place: Place = Place(), limits: UnpackLimits = UnpackLimits(),
    isCancelled: () -> Bool = { false }
  ) throws -> UnpackedTree {
    try Data(gzipped).write(to: URL(fileURLWithPath: place.path + "/tarball"))
    let file = try InputFile(path: place.path + "/tarball")
    return try Unpacker.unpack(
      descriptor: file.descriptor, name: "t.tar.gz", binary: "bin/p", into: Folder(path: place.path + "/in"),
      limits: limits, isCancelled: isCancelled)
  }

  private func unpack(_ parts: [UInt8]..., limits: UnpackLimits = UnpackLimits()) throws -> UnpackedTree {
    try unpack(gzipped: PluginTarball.gzip(parts.flatMap { $0 } + RawTar.end), limits: limits)
  }

  private func failure(_ parts: [UInt8]..., limits: UnpackLimits = UnpackLimits()) -> InstallFailure? {
    #expect(throws: InstallFailure.self) {
      try unpack(gzipped: PluginTarball.gzip(parts.flatMap { $0 } + RawTar.end), limits: limits)
    }
  }

  // MARK: What is accepted

  @Test("files and folders, with contents, hashes and modes; `./` in front is nothing")
  func accepted() throws {
    let place = Place()
    let tar =
      RawTar.header("./", type: "5", mode: "0000700") + RawTar.header("./bin/", type: "5")
      + RawTar.file("./bin/p", "run", mode: "0000644") + RawTar.file("lib/a/b.txt", "hello") + RawTar.file("empty", "")
      + RawTar.header("old/", type: "\0")
    let tree = try unpack(gzipped: PluginTarball.gzip(tar + RawTar.end), in: place)
    #expect(tree.files.map(\.path) == ["bin/p", "empty", "lib/a/b.txt"])
    #expect(tree.files.map(\.size) == [3, 0, 5])
    #expect(tree.files.map { String($0.mode, radix: 8) } == ["755", "644", "644"])
    #expect(
      tree.file("lib/a/b.txt")?.sha256.text
        == "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
    #expect(Set(tree.folders) == ["bin", "lib", "lib/a", "old"])
    #expect(
      place.tree == ["in/bin/", "in/bin/p", "in/empty", "in/lib/", "in/lib/a/", "in/lib/a/b.txt", "in/old/"])
    #expect(FileManager.default.contents(atPath: place.path + "/in/lib/a/b.txt") == Data("hello".utf8))
  }

  @Test("case 68: no setuid, setgid or sticky bit, no write for group and others, whatever the entry says")
  func modes() throws {
    for (asked, got) in [
      ("0007777", "755"), ("0000666", "644"), ("0000000", "600"), ("0000711", "711"), ("0004511", "711"),
    ] {
      let place = Place()
      let tree = try unpack(gzipped: PluginTarball.gzip(RawTar.file("f", mode: asked) + RawTar.end), in: place)
      #expect(tree.files.map { String($0.mode, radix: 8) } == [got])
      let real = try FileManager.default.attributesOfItem(atPath: place.path + "/in/f")[.posixPermissions] as? Int
      #expect(real.map { String($0, radix: 8) } == got)
    }
    let place = Place()
    _ = try unpack(gzipped: PluginTarball.gzip(RawTar.header("d/", type: "5", mode: "0007777") + RawTar.end), in: place)
    let real = try FileManager.default.attributesOfItem(atPath: place.path + "/in/d")[.posixPermissions] as? Int
    #expect(real == 0o755)
  }

  @Test("long names: pax, GNU's and ustar's prefix")
  func longNames() throws {
    let long = String(repeating: "d", count: 90) + "/" + String(repeating: "f", count: 120)
    #expect(
      try unpack(RawTar.pax([("mtime", "1.5"), ("path", long)]), RawTar.file("short")).files.map(\.path) == [long])
    #expect(try unpack(RawTar.longName(long), RawTar.file("short")).files.map(\.path) == [long])
    #expect(
      try unpack(RawTar.longName(long), RawTar.pax([("path", long)]), RawTar.file("s")).files.map(\.path) == [long])
    let prefixed = RawTar.header("f", size: 1, prefix: "a/b") + RawTar.padded([1])
    #expect(try unpack(prefixed).files.map(\.path) == ["a/b/f"])
    // GNU's magic: what lies where the prefix would be is something else.
    let gnu = RawTar.header("f", size: 1, prefix: "a/b", magic: "ustar  \u{0}") + RawTar.padded([1])
    #expect(try unpack(gnu).files.map(\.path) == ["f"])
    #expect(try unpack(RawTar.pax([("size", "1")]), RawTar.file("f")).files.map(\.size) == [1])
  }

  @Test("what the tar of this machine makes, in each of its formats", arguments: ["gnu", "pax", "ustar"])
  func realTar(format: String) throws {
    let place = Place()
    let script = """
      mkdir -p '\(place.path)/src/bin' '\(place.path)/src/ünï' && cd '\(place.path)/src'
      printf run > bin/p; chmod 755 bin/p; printf data > 'ünï/\(String(repeating: "n", count: format == "ustar" ? 20 : 180))'
      tar --format=\(format) -czf '\(place.path)/made' .
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    try process.run()
    process.waitUntilExit()
    let made = try #require(FileManager.default.contents(atPath: place.path + "/made"))
    let tree = try unpack(gzipped: Array(made))
    #expect(tree.files.count == 2)
    #expect(tree.file("bin/p")?.mode == 0o755)
    #expect(tree.folders.contains("ünï"))
  }

  // MARK: Types

  @Test(
    "case 46: links, devices and the like, by nexo-rs's names for them",
    arguments: [
      ("1", "hardlink"), ("2", "symlink"), ("3", "character device"), ("4", "block device"), ("6", "fifo"),
      ("7", "continuous"), ("K", "gnu long link"), ("S", "gnu sparse"), ("g", "pax global header"),
      ("V", "non-regular"),
      ("Z", "non-regular"), ("D", "non-regular"),
    ] as [(Character, String)])
  func types(type: Character, label: String) {
    let failure = failure(RawTar.header("evil", type: type), RawTar.file("f"))
    #expect(failure?.kind == .disallowedEntryType)
    #expect(failure?.message == "entry `evil` rejected: type `\(label)` not allowed")
  }

  @Test("a sparse file by its pax records")
  func sparse() {
    #expect(failure(RawTar.pax([("GNU.sparse.major", "1")]), RawTar.file("f"))?.presented == "gnu sparse")
  }

  // MARK: Paths

  @Test(
    "case 46: paths that lead out, or that another system reads otherwise",
    arguments: [
      ("/etc/passwd", "entry path is absolute"), ("//x", "entry path is absolute"),
      ("../x", "entry contains parent component (`..`)"), ("a/../../x", "entry contains parent component (`..`)"),
      ("a/..", "entry contains parent component (`..`)"), ("..", "entry contains parent component (`..`)"),
      ("C:x", "entry path contains windows path prefix"), ("a\\..\\x", "entry path contains windows path prefix"),
      ("a\nb", "entry component contains control character"), ("a\u{7f}", "entry component contains control character"),
      (".nexo-install.json", "entry name is reserved"), ("./.nexo-install.json.tmp", "entry name is reserved"),
      (".NEXO-install.JSON", "entry name is reserved"),
      (String(repeating: "a/", count: 45) + "b", nil),
      (String(repeating: "a/", count: 64) + "b", "entry path is too deep"),
      (String(repeating: "c", count: 256), "entry component is too long"),
    ] as [(String, String?)])
  func paths(path: String, reason: String?) throws {
    let entry = RawTar.longName(path) + RawTar.file("f")
    guard let reason else {
      #expect(try unpack(entry).files.count == 1)
      return
    }
    let failure = failure(entry)
    #expect(failure?.kind == .unsafePath)
    #expect(failure?.message == "entry path `\(path)` rejected: \(reason)")
  }

  @Test("case 73: a record deeper in the tree is an ordinary file")
  func deeperRecord() throws {
    #expect(try unpack(RawTar.file("lib/.nexo-install.json")).files.count == 1)
  }

  @Test("a name that is not UTF-8, or holds a NUL")
  func badBytes() {
    var header = RawTar.header("aXb")
    header[1] = 0xff
    let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(header[$1])) }
    for (index, byte) in String(format: "%06o\0 ", sum).utf8.enumerated() { header[148 + index] = byte }
    #expect(failure(header)?.message.hasSuffix("entry component is not valid UTF-8") == true)
    #expect(failure(RawTar.pax([("path", "a\0b")]), RawTar.file("f"))?.message.hasSuffix("contains NUL byte") == true)
    #expect(failure(RawTar.longName("a\0b"), RawTar.file("f"))?.kind == .extractIo)
  }

  @Test("case 68: names that collide on a system without case or with normalised names; a file where a folder is")
  func collisions() throws {
    for (first, second) in [
      ("a", "a"), ("a", "A"), ("e\u{301}", "\u{e9}"), ("stra\u{df}e", "strasse"), ("d/x", "D/y"), ("a", "a/b"),
      ("a/b", "a"),
      ("./a", "a"), ("a/./b", "a/b"),
    ] {
      let failure = failure(
        RawTar.pax([("path", first)]), RawTar.file("f"), RawTar.pax([("path", second)]), RawTar.file("g"))
      #expect(failure?.kind == .unsafePath, "\(first), \(second)")
      #expect(failure?.message.contains("rejected: entry collides with `") == true)
    }
    #expect(
      try unpack(RawTar.header("a/", type: "5"), RawTar.header("a/", type: "5"), RawTar.file("a/b")).files.count == 1)
    #expect(failure(RawTar.file("a"), RawTar.header("a/", type: "5"))?.kind == .unsafePath)
  }

  // MARK: Limits

  @Test("limits: what is at one is accepted, one more is refused")
  func limits() throws {
    let small = UnpackLimits(compressed: 1 << 20, entries: 3, total: 10, entry: 6)
    let six = RawTar.file("a", "123456")
    #expect(try unpack(six, RawTar.file("b", "1234"), RawTar.header("c/", type: "5"), limits: small).files.count == 2)
    #expect(
      failure(RawTar.file("a", "1234567"), limits: small)?.message == "entry `a` size 7 exceeds per-entry limit 6")
    #expect(failure(six, RawTar.file("b", "12345"), limits: small)?.message == "total extracted size exceeds limit 10")
    #expect(
      failure(RawTar.file("a"), RawTar.file("b"), RawTar.file("c"), RawTar.file("d"), limits: small)?.message
        == "tarball entry count exceeds limit 3")
    let tarball = PluginTarball.gzip(six + RawTar.end)
    let failure = #expect(throws: InstallFailure.self) {
      try unpack(gzipped: tarball, limits: UnpackLimits(compressed: tarball.count - 1))
    }
    #expect(failure?.kind == .tarballTooLarge)
    #expect(failure?.message == "tarball at `t.tar.gz` is \(tarball.count) bytes, exceeds limit \(tarball.count - 1)")
    #expect(try unpack(gzipped: tarball, limits: UnpackLimits(compressed: tarball.count)).files.count == 1)
  }

  @Test("case 67: sizes that disagree, metadata by the megabyte, numbers in another form")
  func desynchronised() {
    for size in ["0", "2", "999999999999"] {
      let failure = failure(RawTar.pax([("size", size)]), RawTar.file("f"))
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message.contains("sizes disagree for `f`") == true)
    }
    // A header hidden in the content that another reader would take for an entry.
    let hidden = RawTar.pax([("size", "0")]) + RawTar.header("f", size: 1024) + RawTar.file("../evil")
    #expect(failure(hidden)?.message.contains("sizes disagree") == true)
    #expect(failure(RawTar.header("f", rawSize: "\u{1}00000000001"))?.kind == .extractIo)
    #expect(failure(RawTar.header("f", rawSize: "-0000000001"))?.kind == .extractIo)
    #expect(
      failure(RawTar.header("d/", type: "5", size: 512), RawTar.file("x"))?.message.contains("has content") == true)
    #expect(failure(RawTar.header("f/", size: 1), RawTar.padded([1]))?.message.contains("named like a folder") == true)
    let flood = (0..<40).flatMap {
      RawTar.longName(String(repeating: "n", count: 60_000) + "\($0)", type: "L") + RawTar.file("f\($0)")
    }
    #expect(failure(flood, limits: UnpackLimits(total: 1 << 20))?.kind != nil)
    #expect(
      failure(RawTar.longName(String(repeating: "n", count: 70_000)), RawTar.file("f"))?.message.contains("too large")
        == true)
    #expect(
      failure(RawTar.longName("a"), RawTar.longName("b"), RawTar.file("f"))?.message.contains("two long names") == true)
    #expect(
      failure(RawTar.longName("a"), RawTar.pax([("path", "b")]), RawTar.file("f"))?.message.contains("two names")
        == true)
    #expect(failure(RawTar.longName("a"))?.message.contains("ends behind metadata") == true)
    for record in ["5 a=b\n", "x", "99999999 path=x\n", "10 path x\n", "9 path=x"] {
      let bytes = Array(record.utf8)
      let pax = RawTar.header("pax", type: "x", size: bytes.count) + RawTar.padded(bytes)
      #expect(failure(pax, RawTar.file("f"))?.kind == .extractIo, "\(record)")
    }
  }

  @Test("case 46: a bomb stops at the limit")
  func bomb() throws {
    let place = Place()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // 1 GiB of zeros in one file: some 1 MB as gzip.
    process.arguments = [
      "-c",
      "cd '\(place.path)' && truncate -s 1G zeros && tar --create --format=ustar zeros | gzip -1 > bomb && rm zeros",
    ]
    try process.run()
    process.waitUntilExit()
    let bomb = try #require(FileManager.default.contents(atPath: place.path + "/bomb"))
    let honest = #expect(throws: InstallFailure.self) { try unpack(gzipped: Array(bomb)) }
    #expect(honest?.kind == .entryTooLarge)
    // The same behind the end of the archive, where no header announces it.
    let tail = PluginTarball.gzip(RawTar.file("f") + RawTar.end) + bomb
    let hidden = #expect(throws: InstallFailure.self) { try unpack(gzipped: tail) }
    #expect(hidden?.kind == .extractIo)
    let many = (0..<11_000).flatMap { RawTar.header("d\($0)/", type: "5") }
    #expect(failure(many)?.kind == .tooManyEntries)
  }

  // MARK: Broken archives

  @Test("cut at any byte, or with anything behind its end, it is refused")
  func truncated() throws {
    let place = Place()
    let whole = PluginTarball.gzip(RawTar.file("a", "hello") + RawTar.file("b/c") + RawTar.end)
    #expect(try unpack(gzipped: whole, in: Place()).files.count == 2)
    // The last eight bytes are gzip's checksum and length, which libarchive does not read; whoever unpacks has hashed the file.
    for count in stride(from: 0, to: whole.count - 8, by: 7) {
      #expect(throws: InstallFailure.self, "\(count)") {
        try unpack(gzipped: Array(whole.prefix(count)), in: Place())
      }
    }
    for tail in [[UInt8](repeating: 0, count: 9216) + [1], RawTar.file("late")] {
      #expect(failure(RawTar.file("a"), RawTar.end, tail)?.message.contains("behind the end") == true)
    }
    #expect(
      failure(RawTar.file("a"), [UInt8](repeating: 0, count: 512), RawTar.file("b"))?.message.contains(
        "lone zero block") == true)
    let short = #expect(throws: InstallFailure.self) {
      try unpack(gzipped: PluginTarball.gzip(RawTar.file("a") + [UInt8](repeating: 0, count: 512)), in: place)
    }
    #expect(short?.kind == .extractIo)
    #expect(failure(RawTar.header("f", breakChecksum: true))?.message.contains("checksum") == true)
  }

  @Test("what is no gzip file: a plain tar, nothing, text, other packers")
  func otherFormats() {
    for bytes in [
      RawTar.file("a") + RawTar.end, [], Array("hello".utf8), [0x50, 0x4b, 3, 4], [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
      Array("BZh91AY".utf8), [0x1f, 0x8b], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 7],
    ] {
      let failure = #expect(throws: InstallFailure.self) { try unpack(gzipped: bytes) }
      #expect(failure?.kind == .extractIo)
    }
  }

  @Test("a cancelled unpacking says so")
  func cancelled() {
    let failure = #expect(throws: InstallFailure.self) {
      try unpack(gzipped: PluginTarball.gzip(RawTar.file("a") + RawTar.end), isCancelled: { true })
    }
    #expect(failure?.kind == .interrupted)
  }

  @Test("3000 changed bytes: refused, or a tree within the folder; no descriptor is lost")
  func mutations() throws {
    var generator = Generator(seed: 7)
    let good =
      RawTar.pax([("path", "lib/ä")]) + RawTar.file("x", "hello") + RawTar.longName("bin/p") + RawTar.file("y", "run")
      + RawTar.header("d/", type: "5") + RawTar.end
    func descriptors() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0 }
    let before = descriptors()
    for _ in 0..<3000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let place = Place()
      _ = try? unpack(gzipped: PluginTarball.gzip(bytes), in: place)
      #expect(place.tree.allSatisfy { $0.hasPrefix("in/") })
    }
    // Other suites open and close their own at the same time.
    #expect(descriptors() < before + 500)
  }

  private struct Generator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
      // SplitMix64.
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
      return value ^ value >> 31
    }
  }
}
