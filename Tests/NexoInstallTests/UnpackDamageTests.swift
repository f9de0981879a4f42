import Foundation
import Support
import Testing

@testable import NexoInstall

@Suite("Unpacking: archives that are broken, or that can be read in two ways")
struct UnpackDamageTests {
  private static let entry = "extract io error: read tar entry: "
  private static let entries = "extract io error: read tar entries: "
  private static let end = entries + "the gzip file does not end as it should"
  private static let middle = entries + "the archive ends in the middle"

  private static let small = TarDraft.tar {
    $0.pax([("path", "lib/a")])
    $0.file("a", "hello")
    $0.file("b")
  }

  // MARK: Sizes that lie

  @Test("case 67: a size in a pax record that is not that of the header")
  func sizes() throws {
    #expect(
      try UnpackPlace.accepted {
        $0.pax([("size", "5")])
        $0.file("f", "12345")
        $0.pax([("size", "0")])
        $0.folder("d")
      }.files.map(\.size) == [5])
    for size in ["0", "4", "6", "512", "999999999999999999"] {
      let failure = UnpackPlace.refused {
        $0.pax([("size", size)])
        $0.file("f", "12345")
      }
      #expect(failure?.kind == .extractIo)
      #expect(
        failure?.message == Self.entry + "sizes disagree for `f`: 5 in its header, \(Int(size) ?? -1) in its pax record"
      )
    }
  }

  @Test("case 67: an entry hidden in the content of another, seen where the header's size or the record's is believed")
  func desynchronised() throws {
    // The header says two blocks of content, in which there is an entry; the record says none.
    let place = try UnpackPlace()
    var hidden = TarDraft()
    hidden.file("hidden", "evil")
    let build = { (tar: inout TarDraft, size: String?) in
      if let size { tar.pax([("path", "f"), ("size", size)]) }
      tar.add(.init("f", size: hidden.bytes.count), hidden.bytes)
      tar.file("last")
    }
    let failure = #expect(throws: InstallFailure.self) { try place.unpack { build(&$0, "0") } }
    #expect(failure?.message == Self.entry + "sizes disagree for `f`: 1024 in its header, 0 in its pax record")
    #expect(place.tree == [])
    // Without the record, and with a right one, there is one way to read it.
    for size in [nil, "1024"] {
      #expect(try UnpackPlace.accepted { build(&$0, size) }.files.map(\.path) == ["f", "last"])
    }
    // The other way about: the record would skip what the header gives as the next entry.
    let skipped = UnpackPlace.refused {
      $0.pax([("size", "1024")])
      $0.add(.init("f", size: 0))
      $0.bytes += hidden.bytes
    }
    #expect(skipped?.message == Self.entry + "sizes disagree for `f`: 0 in its header, 1024 in its pax record")
    // A folder with a size: some skip it, some do not.
    let folder = UnpackPlace.refused {
      $0.add(.init("d/", "5", size: hidden.bytes.count), hidden.bytes)
    }
    #expect(folder?.message == Self.entry + "folder `d/` has content")
    let namedLikeFolder = UnpackPlace.refused { $0.add(.init("d/", "0", size: hidden.bytes.count), hidden.bytes) }
    #expect(namedLikeFolder?.message == Self.entry + "file `d/` is named like a folder")
    let old = UnpackPlace.refused { $0.add(.init("d/", "\0", size: hidden.bytes.count), hidden.bytes) }
    #expect(old?.message == Self.entry + "file `d/` is named like a folder")
  }

  @Test("case 67: a header's size that is more or less than there is")
  func headerSizes() {
    let more = UnpackPlace.refused { $0.add(.init("f", size: 5000), [1]) }
    #expect(more?.message == Self.middle)
    let less = UnpackPlace.refused { $0.add(.init("f", size: 1), [UInt8](repeating: 0x41, count: 1024)) }
    #expect(less?.message == Self.entry + "a header's checksum is no octal number")
  }

  @Test("case 67: a size in any form but octal digits")
  func sizeForms() throws {
    for (form, size) in [
      ("00000000001\0", 1), ("000000000001", 1), ("1\0", 1), ("  1 ", 1), ("          1\0", 1), ("", 0), (" ", 0),
    ] {
      let tree = try UnpackPlace.accepted {
        var header = TarDraft.Header("f")
        header.rawSize = Array(form.utf8)
        $0.add(header, [UInt8](repeating: 1, count: size))
      }
      #expect(tree.files.map(\.size) == [size], "`\(form)`")
    }
    let forms: [[UInt8]] =
      ["-0000000001\0", "0x000000001\0", "00000000009\0", "1 1\0", "1.5\0", "\01"].map { Array($0.utf8) } + [
        [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0xff] + [UInt8](repeating: 0xff, count: 11),
      ]
    for form in forms {
      let failure = UnpackPlace.refused {
        var header = TarDraft.Header("f")
        header.rawSize = form
        $0.add(header, [1])
      }
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message == Self.entry + "a header's size is no octal number", "\(form)")
    }
  }

  // MARK: Metadata

  @Test("records of pax that have another form")
  func paxForms() throws {
    let length = "a pax record has a wrong length"
    for (text, reason) in [
      ("7 a=b\n", length), ("x", length), ("9999999 path=x\n", length), ("0 a=b\n", length),
      (" 6 a=b\n", length), ("6\ta=b\n", length), ("6 a=b\n7", length), ("-6 a=b\n", length), ("2 ", length),
      ("5 a=b\n", "a pax record has no form"), ("6 a=bx", "a pax record has no form"),
      ("8 a b c\n", "a pax record has no form"),
      ("8 path=\n", "a pax path is empty or there twice"),
      ("10 path=x\n10 path=x\n", "a pax path is empty or there twice"),
      ("8 size=\n", "a pax size is no number or there twice"),
      ("10 size=-\n", "a pax size is no number or there twice"),
      ("11 size=+1\n", "a pax size is no number or there twice"),
      ("11 size=1 \n", "a pax size is no number or there twice"),
      ("10 size=1\n10 size=1\n", "a pax size is no number or there twice"),
      ("28 size=1000000000000000000\n", "a pax size is no number or there twice"),
    ] {
      let failure = UnpackPlace.refused {
        $0.add(.init("pax", "x", size: text.utf8.count), Array(text.utf8))
        $0.file("f")
      }
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message == Self.entry + reason, "`\(text)`")
    }
    for text in ["", "6 a=b\n", "07 a=b\n", "10 path=f\n", "10 size=1\n", "7 a==\n\n"] {
      let tree = try UnpackPlace.accepted {
        $0.add(.init("pax", "x", size: text.utf8.count), Array(text.utf8))
        $0.file("f")
      }
      #expect(tree.files.map(\.path) == ["f"], "`\(text)`")
    }
  }

  @Test("metadata that is there twice, that disagrees, or that belongs to nothing")
  func metadata() throws {
    // In order: `x` and `L`, with the name in it.
    let cases: [(String, [(Character, String)])] = [
      ("an entry has two pax headers", [("x", "a"), ("x", "a")]),
      ("an entry has two long names", [("L", "a"), ("L", "a")]),
      ("an entry has two names", [("L", "a"), ("x", "b")]),
      ("an entry has two names", [("x", "e\u{301}"), ("L", "\u{e9}")]),
    ]
    for (reason, records) in cases {
      let failure = UnpackPlace.refused {
        for (type, name) in records {
          if type == "x" { $0.pax([("path", name)]) } else { $0.longName(name) }
        }
        $0.file("f")
      }
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message == Self.entry + reason)
    }
    for type in ["x", "L"] as [Character] {
      let failure = UnpackPlace.refused {
        $0.file("f")
        $0.add(.init("meta", type, size: 6), Array("6 a=b\n".utf8))
      }
      #expect(failure?.message == Self.entry + "the archive ends behind metadata")
    }
    let tree = try UnpackPlace.accepted {
      $0.longName("lib/a")
      $0.pax([("path", "lib/a")])
      $0.file("x")
      $0.file("b")
    }
    #expect(tree.files.map(\.path) == ["b", "lib/a"])
  }

  @Test("ustar's prefix, and GNU's fields in its place")
  func prefixes() throws {
    for (magic, path) in [
      ("ustar\u{0}00", "a/b/f"), ("ustar  \u{0}", "f"), ("\0\0\0\0\0\0\0\0", "f"), ("USTAR\u{0}00", "f"),
    ] {
      let tree = try UnpackPlace.accepted {
        var header = TarDraft.Header("f", size: 1)
        header.magic = Array(magic.utf8)
        header.prefix = Array("a/b".utf8)
        $0.add(header, [1])
      }
      #expect(tree.files.map(\.path) == [path])
    }
    let failure = UnpackPlace.refused {
      var header = TarDraft.Header("f")
      header.prefix = Array("a/..".utf8)
      $0.add(header)
    }
    #expect(failure?.message == "entry path `a/../f` rejected: entry contains parent component (`..`)")
  }

  @Test("a checksum that is wrong, by one bit anywhere in the header")
  func checksums() throws {
    for error in [-1, 1, 256] {
      let failure = UnpackPlace.refused {
        var header = TarDraft.Header("f", size: 1)
        header.checksumError = error
        $0.add(header, [1])
      }
      #expect(failure?.message == Self.entry + "a header's checksum is wrong")
    }
    let whole = TarDraft.tar { $0.file("f") }
    // Behind the second blank of the checksum there is a byte that some leave alone.
    for index in 0..<512 {
      var bytes = whole
      bytes[index] ^= 1
      let failure = UnpackPlace.refused(gzipped: PluginTarball.gzip(bytes))
      #expect(failure?.kind == .extractIo, "\(index)")
      #expect(failure?.message.hasPrefix(Self.entry + "a header's checksum is ") == true, "\(index)")
    }
    for field in ["      \0 ", "12345678", "\0\0\0\0\0\0\0\0"] {
      let failure = UnpackPlace.refused {
        var header = TarDraft.Header("f", size: 1)
        header.rawChecksum = Array(field.utf8)
        $0.add(header, [1])
      }
      #expect(failure?.message.hasPrefix(Self.entry + "a header's checksum is ") == true)
    }
  }

  // MARK: The end

  @Test("cut at any byte it is refused, stored or deflated", arguments: [false, true])
  func truncated(deflated: Bool) throws {
    let place = try UnpackPlace()
    var whole = PluginTarball.gzip(Self.small)
    if deflated {
      try Data(Self.small).write(to: URL(fileURLWithPath: place.path + "/small.tar"))
      place.shell("gzip -9 small.tar")
      whole = try Array(#require(FileManager.default.contents(atPath: place.path + "/small.tar.gz")))
    }
    #expect(try UnpackPlace().unpack(gzipped: whole).files.map(\.path) == ["b", "lib/a"])
    for count in 0..<whole.count {
      let failure = UnpackPlace.refused(gzipped: Array(whole.prefix(count)))
      #expect(failure?.kind == .extractIo, "\(count)")
      #expect(failure?.message.hasPrefix("extract io error: read tar entries: ") == true, "\(count)")
    }
  }

  @Test("a tar cut at any block, in a gzip file that is whole")
  func truncatedTar() throws {
    for count in stride(from: 0, to: Self.small.count, by: 512) {
      let failure = UnpackPlace.refused(gzipped: PluginTarball.gzip(Array(Self.small.prefix(count))))
      #expect(failure?.kind == .extractIo, "\(count)")
      if count > 0 { #expect(failure?.message == Self.middle, "\(count)") }
    }
  }

  @Test("zero blocks: two at least, none in between, as many as wanted at the end")
  func zeroBlocks() throws {
    for count in [2, 3, 20, 2048] {
      let bytes = Self.small + [UInt8](repeating: 0, count: (count - 2) * 512)
      #expect(try UnpackPlace().unpack(gzipped: PluginTarball.gzip(bytes)).files.count == 2)
    }
    let missing = UnpackPlace.refused(gzipped: PluginTarball.gzip(Array(Self.small.dropLast(512))))
    #expect(missing?.message == Self.middle)
    let lone = UnpackPlace.refused {
      $0.file("a")
      $0.zeroBlocks(1)
      $0.file("b")
    }
    #expect(lone?.message == Self.entry + "a lone zero block in the middle")
    let nothing = try UnpackPlace.accepted { _ in }
    #expect(nothing.files == [])
  }

  @Test("anything behind the end of the archive, in the tar or in the gzip file")
  func behindTheEnd() throws {
    var late = TarDraft()
    late.file("late")
    for tail in [[1], [UInt8](repeating: 0, count: 300_000) + [1], late.bytes, Self.small] as [[UInt8]] {
      let failure = UnpackPlace.refused(gzipped: PluginTarball.gzip(Self.small + tail))
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message == Self.entry + "there is something behind the end of the archive")
    }
    let whole = PluginTarball.gzip(Self.small)
    // The last of them ends with the right length.
    let trailer = Array(whole.suffix(8))
    let zeros = [UInt8](repeating: 0, count: 1024)
    for tail in [[0], [1], Array("garbage".utf8), zeros, [0x1f, 0x8b], trailer] as [[UInt8]] {
      let failure = UnpackPlace.refused(gzipped: whole + tail)
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message == Self.end, "\(tail)")
    }
  }

  @Test("a length at the end of the gzip file that is not that of the archive")
  func length() throws {
    let whole = PluginTarball.gzip(Self.small)
    for index in 1...4 {
      var bytes = whole
      bytes[bytes.count - index] ^= 1
      #expect(UnpackPlace.refused(gzipped: bytes)?.message == Self.end, "\(index)")
    }
    #expect(try UnpackPlace().unpack(gzipped: whole).files.count == 2)
  }

  @Test("several gzip members, of which some programs read the first alone")
  func members() {
    let half = Self.small.count / 2
    let split =
      PluginTarball.gzip(Array(Self.small.prefix(half))) + PluginTarball.gzip(Array(Self.small.dropFirst(half)))
    #expect(UnpackPlace.refused(gzipped: split)?.message == Self.end)
    let zeros = PluginTarball.gzip(Self.small) + PluginTarball.gzip([UInt8](repeating: 0, count: 512))
    #expect(UnpackPlace.refused(gzipped: zeros)?.message == Self.end)
    let twice = PluginTarball.gzip(Self.small) + PluginTarball.gzip(Self.small)
    #expect(
      UnpackPlace.refused(gzipped: twice)?.message == Self.entry + "there is something behind the end of the archive")
  }

  // MARK: Other formats

  @Test("what is no gzip file, or a gzip file of something else")
  func otherFormats() throws {
    let place = try UnpackPlace()
    try Data(Self.small).write(to: URL(fileURLWithPath: place.path + "/small.tar"))
    for bytes in [
      [], [0], Array("hello".utf8), Self.small, [0x1f], [0x1f, 0x8b], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
      [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 7], Array("PK\u{3}\u{4}".utf8), Array("BZh91AY&SY".utf8),
      [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], Array("#!/bin/sh\n".utf8),
    ] as [[UInt8]] {
      let failure = UnpackPlace.refused(gzipped: bytes)
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message.hasPrefix(Self.entries) == true, "\(bytes.prefix(10))")
    }
    // Real ones of other packers; those that are not on this machine are left out.
    for packer in ["xz -c small.tar", "bzip2 -c small.tar", "zstd -qc small.tar", "zip -q - small.tar"]
    where place.shell(packer + " > other") == 0 {
      let other = try Array(#require(FileManager.default.contents(atPath: place.path + "/other")))
      let failure = UnpackPlace.refused(gzipped: other)
      #expect(failure?.message == Self.entries + "the tarball is no gzip file", "\(packer)")
      // And below gzip: no second layer is taken off.
      #expect(UnpackPlace.refused(gzipped: PluginTarball.gzip(other))?.kind == .extractIo, "\(packer)")
    }
    let twice = UnpackPlace.refused(gzipped: PluginTarball.gzip(PluginTarball.gzip(Self.small)))
    #expect(twice?.kind == .extractIo)
    #expect(UnpackPlace.refused(gzipped: PluginTarball.gzip(Array("hello".utf8)))?.kind == .extractIo)
    #expect(UnpackPlace.refused(gzipped: PluginTarball.gzip([]))?.kind == .extractIo)
  }
}
