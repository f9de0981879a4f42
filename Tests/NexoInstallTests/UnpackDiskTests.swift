import FileSystem
import Foundation
import Glibc
import Support
import Testing
import WireCoding

@testable import NexoInstall

@Suite("Unpacking: other programs' tarballs, a disk that refuses, a user who has enough")
struct UnpackDiskTests {
  // MARK: Tarballs of tar

  private static let long = String(repeating: "n", count: 60) + "/" + String(repeating: "m", count: 90)

  /// A tree in `src`, and a tarball of it.
  private static func tar(_ place: UnpackPlace, options: String, of what: String = ".") throws {
    try #require(
      place.shell(
        """
        set -e
        mkdir -p src/bin 'src/ünï/日本' 'src/\((long as NSString).deletingLastPathComponent)' && cd src
        printf run > bin/p; chmod 4755 bin/p
        printf 'data of ünï' > 'ünï/日本/däta'; chmod 666 'ünï/日本/däta'
        printf long > '\(long)'; chmod 600 '\(long)'
        head -c 1000000 /dev/zero > big; : > empty; chmod 700 .
        tar \(options) -cf - \(what) | gzip > ../made
        """) == 0)
  }

  @Test(
    "what tar packs is unpacked with its contents, hashes and modes",
    arguments: ["gnu", "pax", "posix", "ustar", "oldgnu"], [".", "bin ünï big empty \(Self.long)"])
  func realTar(format: String, what: String) throws {
    let place = try UnpackPlace()
    try Self.tar(place, options: "--format=\(format)", of: what)
    let tree = try place.unpack(file: place.path + "/made")
    #expect(tree.files.map(\.path) == ["big", "bin/p", "empty", Self.long, "ünï/日本/däta"])
    #expect(tree.files.map { String($0.mode, radix: 8) } == ["644", "755", "644", "600", "644"])
    #expect(tree.files.map { place.mode($0.path) } == ["644", "755", "644", "600", "644"])
    #expect(Set(tree.folders) == ["bin", "ünï", "ünï/日本", String(repeating: "n", count: 60)])
    #expect(tree.folders.map { place.mode($0) } == ["755", "755", "755", "755"])
    #expect(place.shell("diff -r src in") == 0)
    #expect(place.text("ünï/日本/däta") == "data of ünï")
    for file in tree.files {
      #expect(place.shell("echo '\(file.sha256.text.dropFirst(7))  in/\(file.path)' | sha256sum -c --status") == 0)
    }
  }

  @Test("what tar packs beyond ustar's hundred and its prefix", arguments: ["gnu", "pax"])
  func longPaths(format: String) throws {
    let place = try UnpackPlace()
    let path = String(repeating: String(repeating: "ä", count: 120) + "/", count: 8) + "f"
    try #require(
      place.shell(
        """
        mkdir -p 'src/\((path as NSString).deletingLastPathComponent)' && cd src && printf deep > '\(path)' \
        && tar --format=\(format) -cf - . | gzip > ../made
        """) == 0)
    let tree = try place.unpack(file: place.path + "/made")
    #expect(tree.files.map(\.path) == [path])
    #expect(place.text(path) == "deep")
  }

  @Test(
    "what tar packs from links, pipes and holes is refused by its name",
    arguments: [
      ("ln -s bin/p odd", "--format=gnu", "symlink"), ("ln bin/p odd", "--format=pax", "hardlink"),
      ("mkfifo odd", "--format=ustar", "fifo"),
      ("truncate -s 1M odd; printf x >> odd", "--format=gnu -S", "gnu sparse"),
      ("truncate -s 1M odd; printf x >> odd", "--format=pax -S", "gnu sparse"),
      ("ln -s \(String(repeating: "x", count: 150)) odd", "--format=gnu", "gnu long link"),
      (": > odd", "--format=pax --pax-option=comment=x", "pax global header"),
    ])
  func oddities(make: String, options: String, label: String) throws {
    let place = try UnpackPlace()
    try #require(
      place.shell("mkdir -p src/bin && cd src && : > bin/p && \(make); tar \(options) -cf - bin odd | gzip > ../made")
        == 0
    )
    let failure = #expect(throws: InstallFailure.self) { try place.unpack(file: place.path + "/made") }
    #expect(failure?.kind == .disallowedEntryType)
    #expect(failure?.presented == label)
    #expect(failure?.message.hasSuffix(" rejected: type `\(label)` not allowed") == true)
    #expect(place.escaped.filter { !$0.hasPrefix("src/") && $0 != "made" } == [])
  }

  // MARK: A disk that refuses

  private static let canMount: Bool = {
    guard let place = try? UnpackPlace() else { return false }
    return place.shell("mount -t tmpfs -o size=64k none in && umount in") == 0
  }()

  @Test("a full disk is told by the file and the system's words", .enabled(if: canMount, "nothing can be mounted here"))
  func fullDisk() throws {
    let place = try UnpackPlace()
    try #require(place.shell("mount -t tmpfs -o size=64k none in") == 0)
    defer { place.shell("umount in") }
    #expect(try place.unpack { $0.file("fits", String(repeating: "x", count: 16 << 10)) }.files.count == 1)
    let failure = #expect(throws: InstallFailure.self) {
      try place.unpack {
        $0.file("lib/small")
        $0.file("lib/big", String(repeating: "x", count: 256 << 10))
      }
    }
    #expect(failure?.kind == .extractIo)
    #expect(failure?.message == "extract io error: unpack entry `lib/big`: No space left on device (os error 28)")
  }

  @Test("a disk without inodes, for a file and for a folder", .enabled(if: canMount, "nothing can be mounted here"))
  func noInodes() throws {
    let place = try UnpackPlace()
    // The root is one of them.
    try #require(place.shell("mount -t tmpfs -o nr_inodes=3 none in") == 0)
    defer { place.shell("umount in") }
    let file = #expect(throws: InstallFailure.self) { try place.unpack { for name in "abc" { $0.file("\(name)") } } }
    #expect(file?.message == "extract io error: unpack entry `c`: No space left on device (os error 28)")
    let folder = #expect(throws: InstallFailure.self) { try place.unpack { $0.folder("d/") } }
    #expect(folder?.message == "extract io error: unpack entry `d`: No space left on device (os error 28)")
  }

  @Test("a folder that vanishes while it is filled")
  func vanishing() throws {
    let place = try UnpackPlace()
    for build in [{ (tar: inout TarDraft) in tar.file("f") }, { (tar: inout TarDraft) in tar.folder("f/") }] {
      place.shell("mkdir -p in")
      let failure = #expect(throws: InstallFailure.self) {
        try place.unpack(gzipped: TarDraft.gzipped(build), isCancelled: { rmdir(place.inside) > 0 })
      }
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message == "extract io error: unpack entry `f`: No such file or directory (os error 2)")
    }
  }

  @Test("what is there already is an error, and stays as it was")
  func alreadyThere() throws {
    let place = try UnpackPlace()
    place.shell("printf old > in/f; mkdir in/d")
    for (build, name) in [
      ({ (tar: inout TarDraft) in tar.file("f", "new") }, "f"), ({ (tar: inout TarDraft) in tar.folder("d/") }, "d"),
      ({ (tar: inout TarDraft) in tar.file("d/x") }, "d"), ({ (tar: inout TarDraft) in tar.file("f/x") }, "f"),
    ] {
      let failure = #expect(throws: InstallFailure.self) { try place.unpack(gzipped: TarDraft.gzipped(build)) }
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message == "extract io error: unpack entry `\(name)`: File exists (os error 17)")
    }
    #expect(place.text("f") == "old")
    #expect(place.tree == ["d/", "f"])
  }

  @Test("a tarball that is no file to be read")
  func unreadable() throws {
    let place = try UnpackPlace()
    for (descriptor, text) in [
      (Int32(-1), "Bad file descriptor (os error 9)"), (open(place.path, O_RDONLY | O_CLOEXEC), nil),
      (open("/dev/null", O_RDONLY | O_CLOEXEC), nil),
    ] {
      defer { if descriptor >= 0 { close(descriptor) } }
      let failure = #expect(throws: InstallFailure.self) {
        try Unpacker.unpack(
          descriptor: descriptor, name: "t", binary: "bin/p", into: Folder(path: place.inside), isCancelled: { false })
      }
      #expect(failure?.kind == .extractIo)
      #expect(failure?.message.hasPrefix("extract io error: read tar entries: \(text ?? "")") == true)
    }
  }

  @Test("the tarball is read from its start, wherever its descriptor stands")
  func position() throws {
    let place = try UnpackPlace()
    try Data(TarDraft.gzipped { $0.file("f") }).write(to: URL(fileURLWithPath: place.path + "/tarball"))
    let tarball = try InputFile(path: place.path + "/tarball")
    _ = try tarball.chunk()
    let tree = try Unpacker.unpack(
      descriptor: tarball.descriptor, name: "t", binary: "bin/p", into: Folder(path: place.inside),
      isCancelled: { false })
    #expect(tree.files.map(\.path) == ["f"])
    // Still open, and its owner's.
    #expect(fcntl(tarball.descriptor, F_GETFD) >= 0)
  }

  // MARK: A user who has enough

  @Test("cancelled at any moment it is interrupted; not cancelled it is asked at every entry and piece")
  func cancelled() throws {
    let tarball = TarDraft.gzipped {
      $0.folder("d/")
      $0.file("d/small")
      $0.file("d/big", String(repeating: "x", count: 1 << 20))
    }
    var questions = 0
    let tree = try UnpackPlace().unpack(
      gzipped: tarball,
      isCancelled: {
        questions += 1
        return false
      })
    #expect(tree.files.count == 2)
    // Three entries, one piece of the small file, several of the big one.
    #expect(questions > 6)
    for last in 1...questions {
      let place = try UnpackPlace()
      var left = last
      let failure = #expect(throws: InstallFailure.self) {
        try place.unpack(
          gzipped: tarball,
          isCancelled: {
            left -= 1
            return left == 0
          })
      }
      #expect(failure == InstallFailure.interrupted)
      #expect(failure?.kind == .interrupted)
      #expect(left == 0, "asked again after the answer")
      if last == 1 { #expect(place.tree == []) }
    }
  }
}
