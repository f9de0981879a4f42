import FileSystem
import Foundation
import Support
import Testing

@testable import NexoInstall

@Suite("Unpacking: damage at random")
struct UnpackMutationTests {
  /// SplitMix64.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
      return value ^ value >> 31
    }
  }

  private static let good = TarDraft.tar {
    $0.pax([("mtime", "1.5"), ("path", "lib/\u{e4}")])
    $0.file("x", "hello")
    $0.longName("bin/p")
    $0.file("y", "run", mode: 0o755)
    $0.folder("d/")
    $0.file("d/z", String(repeating: "z", count: 600))
  }

  private static let limits = UnpackLimits(compressed: 1 << 20, entries: 8, total: 4096, entry: 2048)

  /// Refused, or a tree within the limits that is what lies on the disk.
  private static func check(_ gzipped: [UInt8], _ comment: Comment) throws -> Bool {
    let place = try UnpackPlace(inMemory: true)
    defer { #expect(place.escaped == [], comment) }
    let tree: UnpackedTree
    do { tree = try place.unpack(gzipped: gzipped, limits: limits) } catch {
      #expect(error is InstallFailure, comment)
      return false
    }
    #expect(tree.files.count <= limits.entries && tree.folders.count <= limits.entries, comment)
    #expect(tree.files.allSatisfy { $0.size <= limits.entry && $0.mode & ~0o755 == 0 }, comment)
    #expect(tree.files.reduce(0) { $0 + $1.size } <= limits.total, comment)
    #expect(place.tree.map { Array($0.utf8) }.count == tree.files.count + tree.folders.count, comment)
    for file in tree.files {
      #expect(place.mode(file.path) == String(file.mode, radix: 8), comment)
      let bytes = FileManager.default.contents(atPath: place.inside + "/" + file.path)
      #expect(bytes?.count == file.size, comment)
    }
    return true
  }

  /// Puts right every checksum that was right before, so that a change is seen by more than the checksum.
  private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for start in stride(from: 0, to: bytes.count, by: 512)
    where good[(start + 257)..<(start + 262)].elementsEqual("ustar".utf8) {
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(bytes[start + $1])) }
      bytes.replaceSubrange((start + 148)..<(start + 154), with: TarDraft.octal(sum, 6))
    }
    return bytes
  }

  @Test("the tarball before any damage is accepted")
  func control() throws {
    #expect(Self.repaired(Self.good) == Self.good)
    let tree = try UnpackPlace().unpack(gzipped: PluginTarball.gzip(Self.good), limits: Self.limits)
    #expect(tree.files.map(\.path) == ["bin/p", "d/z", "lib/\u{e4}"])
  }

  @Test("5000 changed bytes in a tar: refused, or a tree within the limits", arguments: [false, true])
  func tar(repairsChecksums: Bool) throws {
    var generator = Generator(state: repairsChecksums ? 1 : 2)
    var accepted = 0
    for round in 0..<2500 {
      var bytes = Self.good
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[index] ^= UInt8.random(in: 1...255, using: &generator)
      if repairsChecksums { bytes = Self.repaired(bytes) }
      if try Self.check(PluginTarball.gzip(bytes), "round \(round), byte \(index)") { accepted += 1 }
    }
    // Some changes hurt nobody, as those in contents; others do.
    #expect(accepted > 100 && accepted < 2400, "\(accepted)")
  }

  @Test("1000 changed bytes in the gzip file: refused, or a tree within the limits")
  func gzip() throws {
    var generator = Generator(state: 3)
    let place = try UnpackPlace()
    try Data(Self.good).write(to: URL(fileURLWithPath: place.path + "/good"))
    place.shell("gzip -9 good")
    let whole = try Array(#require(FileManager.default.contents(atPath: place.path + "/good.gz")))
    #expect(try Self.check(whole, "before any damage"))
    for round in 0..<1000 {
      var bytes = whole
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[index] ^= UInt8.random(in: 1...255, using: &generator)
      _ = try Self.check(bytes, "round \(round), byte \(index)")
    }
  }

  @Test("an entry's type is whatever byte there is, and so is the first of its other fields")
  func everyByteValue() throws {
    // The header of the first file, behind its pax header.
    let start = 1024
    var accepted: [UInt8] = []
    for value in UInt8.min...UInt8.max {
      var bytes = Self.good
      bytes[start + 156] = value
      if try Self.check(PluginTarball.gzip(Self.repaired(bytes)), "type \(value)") { accepted.append(value) }
    }
    #expect(accepted == [0, UInt8(ascii: "0")])
    for offset in [0, 100, 124, 134, 257, 345] {
      for value in stride(from: UInt8.min, to: UInt8.max, by: 5) {
        var bytes = Self.good
        bytes[start + offset] = value
        _ = try Self.check(PluginTarball.gzip(Self.repaired(bytes)), "offset \(offset), value \(value)")
      }
    }
  }

  // MARK: Descriptors

  /// Those that lie below a folder: other tests open and close their own at the same time.
  private static func descriptors(below path: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0) }
      .filter { $0.hasPrefix(path) }
  }

  @Test("200 unpackings that fail, each at another place, leave no descriptor open")
  func noLeak() throws {
    let place = try UnpackPlace()
    // As the system spells it.
    let real = URL(fileURLWithPath: place.path).resolvingSymlinksInPath().path
    let tarball = PluginTarball.gzip(Self.good)
    let unsafe = TarDraft.gzipped {
      $0.file("a/b/c/d/e/f")
      $0.file("../x")
    }
    for round in 0..<200 {
      try? FileManager.default.removeItem(atPath: place.inside)
      try FileManager.default.createDirectory(atPath: place.inside, withIntermediateDirectories: true)
      // Cancelled at one of its seven questions, cut, unsafe, no gzip file.
      let kind = round % 4
      var left = kind == 0 ? round / 4 % 7 + 1 : 0
      let bytes = [tarball, Array(tarball.prefix(20 * round)), unsafe, Array("hello".utf8)][kind]
      let failure = #expect(throws: InstallFailure.self, "round \(round)") {
        try place.unpack(
          gzipped: bytes,
          isCancelled: {
            left -= 1
            return left == 0
          })
      }
      #expect(failure?.kind == [.interrupted, .extractIo, .unsafePath, .extractIo][kind], "round \(round)")
    }
    #expect(Self.descriptors(below: real) == [])
    let held = try Folder(path: place.inside)
    #expect(Self.descriptors(below: real).count == 1)
    withExtendedLifetime(held) {}
  }
}
