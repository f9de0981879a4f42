import FileSystem
import Foundation
import Glibc
import Support
import Testing

@testable import NexoInstall

@Suite("Unpacking: limits")
struct UnpackLimitTests {
  @Test("the limits are nexo-rs's")
  func defaults() {
    let limits = UnpackLimits()
    #expect(limits.compressed == 104_857_600)
    #expect(limits.entries == 10_000)
    #expect(limits.total == 262_144_000)
    #expect(limits.entry == 104_857_600)
  }

  @Test("the tarball's own size: at the limit, and one byte more")
  func compressed() throws {
    let tarball = TarDraft.gzipped { $0.file("f") }
    let exact = UnpackLimits(compressed: tarball.count)
    #expect(try UnpackPlace().unpack(gzipped: tarball, limits: exact).files.count == 1)
    let failure = UnpackPlace.refused(gzipped: tarball, limits: UnpackLimits(compressed: tarball.count - 1))
    #expect(failure?.kind == .tarballTooLarge)
    #expect(failure?.message == "tarball at `t.tar.gz` is \(tarball.count) bytes, exceeds limit \(tarball.count - 1)")
  }

  @Test("the number of entries, folders and the root among them: at the limit, and one more")
  func entries() throws {
    let small = UnpackLimits(entries: 3)
    func build(_ last: String?) -> (inout TarDraft) -> Void {
      return {
        $0.folder("./")
        $0.folder("d/")
        $0.file("d/f")
        if let last { $0.file(last) }
      }
    }
    #expect(try UnpackPlace.accepted(limits: small, build(nil)).files.count == 1)
    let failure = UnpackPlace.refused(limits: small, build("g"))
    #expect(failure?.kind == .tooManyEntries)
    #expect(failure?.message == "tarball entry count exceeds limit 3")
    // Metadata is no entry.
    let tree = try UnpackPlace.accepted(limits: small) {
      for name in ["a", "b", "c"] {
        $0.pax([("path", name)])
        $0.longName(name)
        $0.file("x")
      }
    }
    #expect(tree.files.count == 3)
  }

  @Test("folders that no entry names count by themselves: at the limit, and one more")
  func madeFolders() throws {
    let small = UnpackLimits(entries: 3)
    #expect(try UnpackPlace.accepted(limits: small) { $0.file("a/b/c/f") }.folders.count == 3)
    let failure = UnpackPlace.refused(limits: small) { $0.file("a/b/c/d/f") }
    #expect(failure?.kind == .tooManyEntries)
    #expect(failure?.message == "tarball entry count exceeds limit 3")
    let spread = UnpackPlace.refused(limits: small) {
      $0.file("a/b/f")
      $0.file("c/d/f")
    }
    #expect(spread?.kind == .tooManyEntries)
  }

  @Test("the size of one file: at the limit, and one byte more")
  func entry() throws {
    let small = UnpackLimits(entry: 600)
    let text = String(repeating: "x", count: 600)
    #expect(try UnpackPlace.accepted(limits: small) { $0.file("d/f", text) }.files.map(\.size) == [600])
    let failure = UnpackPlace.refused(limits: small) { $0.file("d/f", text + "x") }
    #expect(failure?.kind == .entryTooLarge)
    #expect(failure?.message == "entry `d/f` size 601 exceeds per-entry limit 600")
  }

  @Test("case 46: a size that is announced is refused before a byte of it is written")
  func announced() throws {
    let place = try UnpackPlace()
    let failure = #expect(throws: InstallFailure.self) {
      try place.unpack { $0.add(.init("f", size: 0o77777777777)) }
    }
    #expect(failure?.kind == .entryTooLarge)
    #expect(failure?.message == "entry `f` size 8589934591 exceeds per-entry limit 104857600")
    #expect(place.tree == [])
  }

  @Test("the sum of all sizes: at the limit, and one byte more")
  func total() throws {
    let small = UnpackLimits(total: 10)
    func build(_ last: String) -> (inout TarDraft) -> Void {
      return {
        $0.file("a", "123456")
        $0.folder("d/")
        $0.file("d/b", last)
      }
    }
    #expect(try UnpackPlace.accepted(limits: small, build("1234")).files.map(\.size) == [6, 4])
    let failure = UnpackPlace.refused(limits: small, build("12345"))
    #expect(failure?.kind == .extractedTooLarge)
    #expect(failure?.message == "total extracted size exceeds limit 10")
  }

  // MARK: Metadata

  @Test("case 67: metadata counts as extracted, by its real size: at the limit, and one byte more")
  func metadata() throws {
    // `30 comment=` and 18 letters and the line's end.
    let record = TarDraft.record("comment", [UInt8](repeating: 0x63, count: 18))
    #expect(record.count == 30)
    func build(_ last: String) -> (inout TarDraft) -> Void {
      return {
        $0.add(.init("pax", "x", size: 30), record)
        $0.file("a")
        $0.longName("lib/name")
        $0.file("b", last)
      }
    }
    // 30 of pax, 1 of the first file, 9 of the long name with its NUL, 2 of the second file.
    #expect(try UnpackPlace.accepted(limits: UnpackLimits(total: 42), build("bb")).files.count == 2)
    let failure = UnpackPlace.refused(limits: UnpackLimits(total: 42), build("bbb"))
    #expect(failure?.kind == .extractedTooLarge)
    #expect(failure?.message == "total extracted size exceeds limit 42")
  }

  @Test("case 67: one record of metadata has 64 KiB at most", arguments: ["x", "L"] as [Character])
  func metadataRecord(type: Character) throws {
    func build(_ size: Int) -> (inout TarDraft) -> Void {
      return {
        var content = [UInt8](repeating: 0, count: size)
        if type == "x" {
          // Several records: one has at most five digits in its length here.
          content = TarDraft.record("comment", [UInt8](repeating: 0x63, count: 40_000))
          content += TarDraft.record("comment", [UInt8](repeating: 0x63, count: size - content.count - 15))
        } else {
          content[0] = 0x66
        }
        #expect(content.count == size)
        $0.add(.init("meta", type, size: size), content)
        $0.file("f")
      }
    }
    #expect(try UnpackPlace.accepted(build(65_536)).files.map(\.path) == ["f"])
    let failure = UnpackPlace.refused(build(65_537))
    #expect(failure?.kind == .extractIo)
    #expect(failure?.message == "extract io error: read tar entry: a record of metadata is too large")
  }

  @Test("case 67: names by the megabyte are bounded, before they are read and after")
  func metadataFlood() throws {
    let comment = TarDraft.record("comment", [UInt8](repeating: 0x63, count: 60_000))
    let place = try UnpackPlace()
    let failure = #expect(throws: InstallFailure.self) {
      try place.unpack(limits: UnpackLimits(total: 1 << 20)) {
        for number in 0..<200 {
          $0.add(.init("pax", "x", size: comment.count), comment)
          $0.file("f\(number)")
        }
      }
    }
    #expect(failure?.kind == .extractedTooLarge)
    #expect(failure?.message == "total extracted size exceeds limit 1048576")
    // 60 017 bytes and a file's one, 17 times.
    #expect(place.tree.count == 17)
    // Metadata upon metadata, for no entry at all.
    for type in ["x", "L"] as [Character] {
      let stacked = UnpackPlace.refused {
        for _ in 0..<100 { $0.add(.init("meta", type, size: 6), Array("6 a=b\n".utf8)) }
      }
      #expect(stacked?.kind == .extractIo)
      #expect(stacked?.message.contains(" has two ") == true)
    }
  }

  // MARK: Bombs

  /// The outcome, and how far the compressed file was read.
  private static func unpack(
    file: String, in place: UnpackPlace, limits: UnpackLimits = UnpackLimits()
  ) throws -> (failure: InstallFailure?, read: Int, size: Int) {
    let tarball = try InputFile(path: place.path + "/" + file)
    let failure = #expect(throws: InstallFailure.self) {
      try Unpacker.unpack(
        descriptor: tarball.descriptor, name: file, binary: "bin/p", into: Folder(path: place.inside), limits: limits,
        isCancelled: { false })
    }
    return (failure, lseek(tarball.descriptor, 0, SEEK_CUR), tarball.size)
  }

  @Test("case 46: a gigabyte of zeros stops early, wherever it stands")
  func bomb() throws {
    let place = try UnpackPlace()
    let header = TarDraft.Header("zeros", size: 1 << 30).block
    try Data(header).write(to: URL(fileURLWithPath: place.path + "/header"))
    // Members of 16 MiB: what one decompressor takes for one stream is quick to make.
    place.shell(
      """
      gzip -nc header > bomb; head -c 16M /dev/zero | gzip -n > zeros
      for i in $(seq 64); do cat zeros >> bomb; done
      { head -c 1024 /dev/zero; head -c 16M /dev/zero; } | gzip -n > tail
      for i in $(seq 63); do cat zeros >> tail; done
      rm zeros
      """)
    // Announced honestly.
    let honest = try Self.unpack(file: "bomb", in: place)
    #expect(honest.failure?.message == "entry `zeros` size 1073741824 exceeds per-entry limit 104857600")
    #expect(honest.size > 1_000_000)
    #expect(honest.read <= 512 << 10)
    #expect(place.tree == [])
    // As padding behind the end of the archive, where no header announces it.
    let tail = try Self.unpack(file: "tail", in: place, limits: UnpackLimits(entries: 10, total: 4 << 20))
    #expect(tail.failure?.kind == .extractedTooLarge)
    #expect(tail.failure?.message == "total extracted size exceeds limit 4194304")
    #expect(tail.read < tail.size / 2)
  }

  @Test("case 46: a million entries stop at the limit")
  func millionEntries() throws {
    let place = try UnpackPlace()
    var block = TarDraft()
    for _ in 0..<1000 { block.folder("d/") }
    try Data(block.bytes).write(to: URL(fileURLWithPath: place.path + "/block"))
    place.shell("gzip -n block; for i in $(seq 1000); do cat block.gz; done > many")
    let outcome = try Self.unpack(file: "many", in: place)
    #expect(outcome.failure?.kind == .tooManyEntries)
    #expect(outcome.failure?.message == "tarball entry count exceeds limit 10000")
    #expect(outcome.size > 1_000_000)
    #expect(outcome.read < outcome.size / 2)
    #expect(place.tree == ["d/"])
  }

  @Test("case 46: a chain of folders as deep as allowed, anew for every file, stops at the limit")
  func folderBomb() throws {
    let place = try UnpackPlace()
    let failure = #expect(throws: InstallFailure.self) {
      try place.unpack(limits: UnpackLimits(entries: 300)) {
        for number in 0..<300 { $0.file("\(number)/" + String(repeating: "d/", count: 62) + "f") }
      }
    }
    #expect(failure?.kind == .tooManyEntries)
    // Four whole chains; of the fifth nothing is made.
    #expect(place.tree.filter { $0.hasSuffix("/") }.count == 4 * 63)
  }
}
