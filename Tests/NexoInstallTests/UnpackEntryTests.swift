import Testing

@testable import NexoInstall

@Suite("Unpacking: which entries are let in")
struct UnpackEntryTests {
  // MARK: Types

  @Test(
    "case 46: every type but files and folders is refused by its name",
    arguments: [
      ("1", "hardlink"), ("2", "symlink"), ("3", "character device"), ("4", "block device"), ("6", "fifo"),
      ("7", "continuous"), ("K", "gnu long link"), ("S", "gnu sparse"), ("g", "pax global header"),
      ("A", "non-regular"), ("D", "non-regular"), ("M", "non-regular"), ("N", "non-regular"), ("V", "non-regular"),
      ("X", "non-regular"), ("8", "non-regular"), (" ", "non-regular"),
    ] as [(Character, String)])
  func types(type: Character, label: String) throws {
    let failure = UnpackPlace.refused {
      $0.file("before")
      $0.add(.init("lib/evil", type))
      $0.file("after")
    }
    #expect(failure?.kind == .disallowedEntryType)
    #expect(failure?.message == "entry `lib/evil` rejected: type `\(label)` not allowed")
    #expect(failure?.presented == label)
  }

  @Test("types that are let in: `0`, NUL, `5`, and a slash at the end for the type of before ustar")
  func allowedTypes() throws {
    let tree = try UnpackPlace.accepted {
      $0.file("a")
      $0.add(.init("b", "\0", size: 1), [1])
      $0.add(.init("c", "5"))
      $0.add(.init("d/", "\0"))
    }
    #expect(tree.files.map(\.path) == ["a", "b"])
    #expect(Set(tree.folders) == ["c", "d"])
  }

  @Test("a refused type is named by its long name too")
  func typeWithLongName() {
    let long = String(repeating: "n", count: 150)
    for build in [
      { (tar: inout TarDraft) in tar.longName(long) }, { (tar: inout TarDraft) in tar.pax([("path", long)]) },
    ] {
      let failure = UnpackPlace.refused {
        build(&$0)
        $0.add(.init("short", "2"))
      }
      #expect(failure?.message == "entry `\(long)` rejected: type `symlink` not allowed")
    }
  }

  @Test("sparse files by pax records of any version", arguments: ["major", "realsize", "size", "map", "name"])
  func sparse(key: String) throws {
    let failure = UnpackPlace.refused {
      $0.pax([("GNU.sparse.\(key)", "1")])
      $0.file("f")
    }
    #expect(failure?.kind == .disallowedEntryType)
    #expect(failure?.message == "entry `f` rejected: type `gnu sparse` not allowed")
    #expect(failure?.presented == "gnu sparse")
    // Another vendor's record is none of our business.
    let tree = try UnpackPlace.accepted {
      $0.pax([("SCHILY.\(key)", "1")])
      $0.file("f")
    }
    #expect(tree.files.map(\.path) == ["f"])
  }

  @Test("case 46: a symbolic link, and then a file through it: nothing is written outside")
  func throughLink() throws {
    let place = try UnpackPlace()
    for type in ["1", "2"] as [Character] {
      let failure = #expect(throws: InstallFailure.self) {
        try place.unpack {
          var link = TarDraft.Header("door", type).block
          link.replaceSubrange(157..<159, with: Array("..".utf8))
          let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(link[$1])) }
          link.replaceSubrange(148..<154, with: TarDraft.octal(sum, 6))
          $0.bytes += link
          $0.file("door/neighbour", "owned")
        }
      }
      #expect(failure?.kind == .disallowedEntryType)
      #expect(place.tree == [])
      #expect(place.escaped == [])
    }
  }

  @Test("a link that somebody put into the folder meanwhile is not followed")
  func plantedLink() throws {
    let place = try UnpackPlace()
    place.shell("ln -s .. in/door && ln -s ../neighbour in/file")
    for path in ["door/neighbour", "door/new", "file"] {
      let failure = #expect(throws: InstallFailure.self) { try place.unpack { $0.file(path, "owned") } }
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message.contains("File exists") == true)
    }
    #expect(place.escaped == [])
    #expect(try place.unpack { $0.file("other", "fine") }.files.map(\.path) == ["other"])
  }

  // MARK: Paths

  private static let nul = "entry component contains NUL byte"
  private static let parent = "entry contains parent component (`..`)"
  private static let windows = "entry path contains windows path prefix"
  private static let control = "entry component contains control character"
  private static let reserved = "entry name is reserved"

  @Test(
    "case 46: a path that leads out, or that another system reads otherwise",
    arguments: [
      ("/etc/passwd", "entry path is absolute"), ("//x", "entry path is absolute"), ("/../x", "entry path is absolute"),
      ("..", parent), ("../x", parent), ("a/../../x", parent), ("a/..", parent), ("./../x", parent),
      ("a//../x", parent),
      ("C:x", windows), ("c:/x", windows), ("\\x", windows), ("a\\..\\x", windows), ("\\\\host\\share", windows),
      ("a\nb", control), ("a\u{1b}[2Jb", control), ("lib/\u{7f}", control), ("\u{85}", control), ("a\tb", control),
      (String(repeating: "c", count: 256), "entry component is too long"),
      ("a/" + String(repeating: "ä", count: 128), "entry component is too long"),
      (String(repeating: "a/", count: 64) + "b", "entry path is too deep"),
      (String(repeating: "a/", count: 2048) + "b", "entry path is too long"),
    ])
  func unsafe(path: String, reason: String) throws {
    for build in [
      { (tar: inout TarDraft) in tar.longName(path) }, { (tar: inout TarDraft) in tar.pax([("path", path)]) },
    ] {
      let failure = UnpackPlace.refused {
        build(&$0)
        $0.file("short")
      }
      #expect(failure?.kind == .unsafePath)
      #expect(failure?.message == "entry path `\(path)` rejected: \(reason)")
      #expect(failure?.presented == path)
    }
  }

  @Test(
    "a path that looks odd and is harmless",
    arguments: [
      ("...", "..."), ("..a/b..", "..a/b.."), ("./a/./b", "a/b"), ("a//b", "a/b"), ("ünï/日本", "ünï/日本"),
      (" a b ", " a b "), ("-rf", "-rf"), ("aa:b", "aa:b"), ("$(x)", "$(x)"),
      (String(repeating: "c", count: 255), String(repeating: "c", count: 255)),
      (String(repeating: "a/", count: 63) + "b", String(repeating: "a/", count: 63) + "b"),
    ])
  func harmless(path: String, result: String) throws {
    let place = try UnpackPlace()
    let tree = try place.unpack { $0.file(path, "content") }
    #expect(tree.files.map(\.path) == [result])
    #expect(place.text(result) == "content")
    #expect(place.escaped == [])
  }

  @Test("a path of 4096 bytes is the longest")
  func longest() throws {
    let folder = String(repeating: "d", count: 240) + "/"
    let path = String(repeating: folder, count: 16) + String(repeating: "f", count: 240)
    #expect(path.utf8.count == 4096)
    #expect(try UnpackPlace.accepted { $0.file(path) }.files.map(\.path) == [path])
    let failure = UnpackPlace.refused { $0.file(path + "f") }
    #expect(failure?.message == "entry path `\(path)f` rejected: entry path is too long")
  }

  @Test("bytes that are no UTF-8, and a NUL, in each place where a name can stand")
  func badBytes() throws {
    for bytes in [[0x61, 0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0x61, 0xc3]] as [[UInt8]] {
      let shown = String(decoding: bytes, as: UTF8.self)
      let expected = "entry path `\(shown)` rejected: entry component is not valid UTF-8"
      #expect(UnpackPlace.refused { $0.add(.init(bytes)) }?.message == expected)
      let long = UnpackPlace.refused {
        $0.add(.init("././@LongLink", "L", size: bytes.count + 1), bytes + [0])
        $0.file("f")
      }
      #expect(long?.message == expected)
      let pax = UnpackPlace.refused {
        let record = TarDraft.record("path", bytes)
        $0.add(.init("pax", "x", size: record.count), record)
        $0.file("f")
      }
      #expect(pax?.message == expected)
      #expect(pax?.kind == .unsafePath)
    }
    let nul = UnpackPlace.refused {
      $0.pax([("path", "a\0b")])
      $0.file("f")
    }
    #expect(nul?.message == "entry path `a\0b` rejected: \(Self.nul)")
    let long = UnpackPlace.refused {
      $0.longName("a\0b")
      $0.file("f")
    }
    #expect(long?.message == "extract io error: read tar entry: a long name goes on behind its end")
  }

  @Test("the archive's own root is a folder and no file")
  func root() throws {
    let tree = try UnpackPlace.accepted {
      $0.folder("./", mode: 0o700)
      $0.folder(".")
      $0.file("./a")
    }
    #expect(tree.files.map(\.path) == ["a"])
    #expect(tree.folders == [])
    #expect(UnpackPlace.refused { $0.folder("/") }?.message == "entry path `/` rejected: entry path is absolute")
    for path in ["", ".", "././."] {
      let failure = UnpackPlace.refused { $0.file(path) }
      #expect(failure?.message == "extract io error: read tar entry: a file without a name", "`\(path)`")
    }
  }

  // MARK: Reserved names

  @Test(
    "case 73: the record of the installer and its temporary name, in any case, as a file or a folder",
    arguments: [".nexo-install.json", ".nexo-install.json.tmp", ".NEXO-Install.JSON", ".nexo-in\u{17f}tall.json"])
  func reserved(name: String) throws {
    let builds: [(String, (inout TarDraft) -> Void)] = [
      (name, { $0.file(name) }), ("./" + name, { $0.file("./" + name) }), (".//./" + name, { $0.file(".//./" + name) }),
      (name + "/", { $0.folder(name + "/") }), (name + "/x", { $0.file(name + "/x") }),
      ("./" + name + "/x/y", { $0.file("./" + name + "/x/y") }),
    ]
    for (path, build) in builds {
      let failure = UnpackPlace.refused(build)
      #expect(failure?.kind == .unsafePath)
      #expect(failure?.message == "entry path `\(path)` rejected: \(Self.reserved)")
      #expect(failure?.presented == path)
    }
    // Deeper, or with more to its name, it is a file like others.
    let tree = try UnpackPlace.accepted {
      $0.file("lib/" + name)
      $0.file(name + "x")
    }
    #expect(tree.files.count == 2)
  }
}
