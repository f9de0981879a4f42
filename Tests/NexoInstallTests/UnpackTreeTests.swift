import FileSystem
import Foundation
import Glibc
import Support
import Synchronization
import Testing
import WireCoding

@testable import NexoInstall

@Suite("Unpacking: what lies on the disk afterwards")
struct UnpackTreeTests {
  // MARK: Collisions

  @Test(
    "case 68: two names that some file system takes for one",
    arguments: [
      ("a", "a"), ("a", "A"), ("./a", "a"), ("a/./b", "a//b"),
      ("\u{e9}", "e\u{301}"), ("e\u{301}", "\u{c9}"), ("\u{1e69}", "s\u{307}\u{323}"),
      ("stra\u{df}e", "strasse"), ("STRASSE", "stra\u{df}e"), ("\u{1e9e}", "ss"), ("k", "\u{212a}"), ("\u{17f}", "S"),
      ("\u{fb01}", "fi"), ("\u{3c2}", "\u{3c3}"), ("d/x", "D/y"), ("d/e/x", "d/E/x"), ("e\u{301}/x", "\u{e9}/y"),
      ("a", "a/b"), ("a/b", "a"), ("a/b", "a/b/c"), ("a/b/c", "a/B"), ("a", "A/b"),
    ])
  func collisions(first: String, second: String) throws {
    let failure = UnpackPlace.refused {
      $0.file(first)
      $0.file(second)
    }
    #expect(failure?.kind == .unsafePath)
    // Presented is what collides: the path itself, or the folder on its way.
    let shown = try #require(failure?.presented)
    #expect(failure?.message.hasPrefix("entry path `\(shown)` rejected: entry collides with `") == true)
    for path in [first, second] { #expect(try UnpackPlace.accepted { $0.file(path) }.files.count == 1) }
  }

  @Test("case 68: a collision is told with both names")
  func collisionMessage() {
    let failure = UnpackPlace.refused {
      $0.file("lib/Data.txt")
      $0.file("lib/data.TXT")
    }
    #expect(failure?.message == "entry path `lib/data.TXT` rejected: entry collides with `lib/Data.txt`")
    #expect(failure?.presented == "lib/data.TXT")
    let folders = UnpackPlace.refused {
      $0.folder("Lib/")
      $0.folder("lib/")
    }
    #expect(folders?.message == "entry path `lib` rejected: entry collides with `Lib`")
    let fileOntoFolder = UnpackPlace.refused {
      $0.folder("lib/")
      $0.file("lib")
    }
    #expect(fileOntoFolder?.message == "entry path `lib` rejected: entry collides with `lib`")
    let folderOntoFile = UnpackPlace.refused {
      $0.file("lib")
      $0.folder("lib/")
    }
    #expect(folderOntoFile?.message == "entry path `lib` rejected: entry collides with `lib`")
  }

  @Test("a folder may be there twice, and before or after what is in it; similar names are no collision")
  func noCollision() throws {
    let place = try UnpackPlace()
    let tree = try place.unpack {
      $0.folder("d/")
      $0.folder("./d")
      $0.file("d/a")
      $0.file("e/a")
      $0.folder("e/")
      $0.file("d/aa")
      $0.file("d/a.a")
      $0.file("\u{e4}")
      $0.file("a")
    }
    #expect(tree.files.map(\.path) == ["a", "d/a", "d/a.a", "d/aa", "e/a", "\u{e4}"])
    #expect(tree.folders == ["d", "e"])
    #expect(place.tree == ["a", "d/", "d/a", "d/a.a", "d/aa", "e/", "e/a", "\u{e4}"])
  }

  // MARK: Modes

  @Test(
    "case 68: no setuid, setgid or sticky bit and no write for group and others; the owner can always read and write",
    arguments: [
      (0o7777, "755"), (0o4755, "755"), (0o2755, "755"), (0o1777, "755"), (0o666, "644"), (0o622, "600"),
      (0o644, "644"), (0o600, "600"), (0o000, "600"), (0o111, "711"), (0o500, "700"), (0o055, "655"),
    ] as [(UInt32, String)])
  func modes(asked: UInt32, got: String) throws {
    let place = try UnpackPlace()
    let tree = try place.unpack {
      $0.file("f", mode: asked)
      $0.folder("d", mode: asked)
      $0.file("made/f", mode: asked)
    }
    #expect(tree.files.map { String($0.mode, radix: 8) } == [got, got])
    #expect(place.mode("f") == got)
    #expect(place.mode("made/f") == got)
    #expect(place.mode("d") == "755")
    #expect(place.mode("made") == "755")
  }

  @Test(
    "the program becomes executable where its entry forgot to, and is left alone otherwise",
    arguments: [
      (0o644, "755"), (0o600, "755"), (0o000, "755"), (0o666, "755"), (0o6644, "755"), (0o700, "700"), (0o744, "744"),
      (0o610, "610"), (0o4711, "711"),
    ] as [(UInt32, String)])
  func program(asked: UInt32, got: String) throws {
    let place = try UnpackPlace()
    let tree = try place.unpack {
      $0.file("./bin/p", mode: asked)
      $0.file("bin/q")
      $0.file("lib/bin/p")
      $0.file("P")
    }
    #expect(place.mode("bin/p") == got)
    #expect(tree.file("bin/p").map { String($0.mode, radix: 8) } == got)
    for other in ["bin/q", "lib/bin/p", "P"] { #expect(place.mode(other) == "644") }
  }

  @Test("case 68: a folder where the program should be is a folder, and no file of the tree")
  func programIsFolder() throws {
    let tree = try UnpackPlace.accepted { $0.folder("bin/p") }
    #expect(tree.file("bin/p") == nil)
    #expect(tree.folders == ["bin/p", "bin"] || tree.folders == ["bin", "bin/p"])
  }

  @Test("a mode field with more than permissions, blanks or nothing in it")
  func modeFields() throws {
    for (field, got) in [
      ("100755 \0", "755"), (" 755 \0\0\0", "755"), ("\0\0\0\0\0\0\0\0", "600"), ("00000755", "755"),
    ] {
      let place = try UnpackPlace()
      _ = try place.unpack {
        var header = TarDraft.Header("f", size: 1)
        header.rawMode = Array(field.utf8)
        $0.add(header, [1])
      }
      #expect(place.mode("f") == got, "\(field)")
    }
    for field in ["0000789\0", "-000644\0", "0x1ff\0\0\0", "64 4\0\0\0\0"] {
      let failure = UnpackPlace.refused {
        var header = TarDraft.Header("f", size: 1)
        header.rawMode = Array(field.utf8)
        $0.add(header, [1])
      }
      #expect(failure?.message == "extract io error: read tar entry: a header's mode is no octal number", "\(field)")
    }
  }

  @Test("modes do not depend on the umask", arguments: [0o077, 0o177, 0o000] as [mode_t])
  func mask(mask: mode_t) throws {
    let place = try UnpackPlace()
    let failed = Mutex<String?>("the thread did not run")
    let path = place.path
    let thread = Thread {
      // A umask of this thread alone: other tests are at work.
      guard Self.leaveSharedMask() else { return }
      umask(mask)
      let outcome = Result {
        let tarball = try InputFile(path: path + "/tarball")
        _ = try Unpacker.unpack(
          descriptor: tarball.descriptor, name: "t", binary: "bin/p", into: Folder(path: path + "/in"),
          isCancelled: { false })
      }
      failed.withLock { failed in
        failed = nil
        if case .failure(let error) = outcome { failed = "\(error)" }
      }
    }
    let tarball = TarDraft.gzipped {
      $0.file("bin/p")
      $0.folder("d/", mode: 0o700)
      $0.file("d/f", mode: 0o644)
      $0.file("made/deep/f", mode: 0o755)
    }
    try Data(tarball).write(to: URL(fileURLWithPath: path + "/tarball"))
    thread.start()
    while !thread.isFinished { usleep(1000) }
    #expect(failed.withLock { $0 } == nil)
    let names = ["bin", "bin/p", "d", "d/f", "made", "made/deep", "made/deep/f"]
    #expect(names.map { place.mode($0) } == ["755", "755", "755", "644", "755", "755", "755"])
  }

  /// `unshare(CLONE_FS)`, which Swift does not see: for this thread alone, without any privilege.
  private static func leaveSharedMask() -> Bool {
    guard let symbol = dlsym(nil, "unshare") else { return false }
    return unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)(0x200) == 0
  }

  // MARK: Contents

  @Test("contents of every size around a block, with their hashes", arguments: [0, 1, 511, 512, 513, 1024, 300_000])
  func contents(size: Int) throws {
    let place = try UnpackPlace()
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    let tree = try place.unpack {
      $0.add(.init("f", size: size), bytes)
      $0.file("behind", "hello")
    }
    #expect(FileManager.default.contents(atPath: place.inside + "/f") == Data(bytes))
    #expect(tree.file("f")?.size == size)
    #expect(place.text("behind") == "hello")
    // SHA-256 of `hello`, and of nothing.
    #expect(
      tree.file("behind")?.sha256.text
        == "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
    place.shell("sha256sum in/f | cut -c1-64 | tr -d '\\n' > sum")
    let sum = FileManager.default.contents(atPath: place.path + "/sum").map { String(decoding: $0, as: UTF8.self) }
    #expect(tree.file("f")?.sha256.text == sum.map { "sha256:" + $0 })
  }

  @Test("files are sorted by their bytes, whatever the order in the archive; a look-up is by bytes too")
  func order() throws {
    let tree = try UnpackPlace.accepted {
      for path in ["z", "a/b", "a.b", "e\u{301}", "B"] { $0.file(path) }
    }
    #expect(tree.files.map(\.path) == ["B", "a.b", "a/b", "e\u{301}", "z"])
    #expect(tree.file("e\u{301}") != nil)
    #expect(tree.file("\u{e9}") == nil)
  }
}
