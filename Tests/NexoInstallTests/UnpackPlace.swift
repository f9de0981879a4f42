import FileSystem
import Foundation
import Glibc
import Support
import Testing

@testable import NexoInstall

/// A private folder with a tarball, the folder it is unpacked into, and a neighbour that must stay as it is.
final class UnpackPlace {
  let path: String
  /// Where a tarball is unpacked.
  var inside: String { path + "/in" }

  /// - Parameter inMemory: where the machine has such a file system; for tests that unpack thousands of times.
  init(inMemory: Bool = false) throws {
    let memory = "/dev/shm"
    let parent = inMemory && access(memory, W_OK | X_OK) == 0 ? memory : NSTemporaryDirectory()
    path = parent + "/nexo-unpack-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path + "/in", withIntermediateDirectories: true)
    try Data("untouched".utf8).write(to: URL(fileURLWithPath: path + "/neighbour"))
  }

  deinit {
    // As the installer does: some paths in here are longer than the system takes at once.
    guard let parent = Folder.parent(of: path) else { return }
    try? Folder(path: parent).removeTree((path as NSString).lastPathComponent)
  }

  // MARK: Unpacking

  func unpack(
    gzipped: [UInt8], binary: String = "bin/p", limits: UnpackLimits = UnpackLimits(),
    isCancelled: () -> Bool = { false }
  ) throws -> UnpackedTree {
    try Data(gzipped).write(to: URL(fileURLWithPath: path + "/tarball"))
    return try unpack(file: path + "/tarball", binary: binary, limits: limits, isCancelled: isCancelled)
  }

  func unpack(
    file: String, binary: String = "bin/p", limits: UnpackLimits = UnpackLimits(), isCancelled: () -> Bool = { false }
  ) throws -> UnpackedTree {
    let tarball = try InputFile(path: file)
    return try Unpacker.unpack(
      descriptor: tarball.descriptor, name: "t.tar.gz", binary: binary, into: Folder(path: inside), limits: limits,
      isCancelled: isCancelled)
  }

  func unpack(limits: UnpackLimits = UnpackLimits(), _ build: (inout TarDraft) -> Void) throws -> UnpackedTree {
    try unpack(gzipped: TarDraft.gzipped(build), limits: limits)
  }

  /// In a place of its own.
  static func accepted(
    limits: UnpackLimits = UnpackLimits(), _ build: (inout TarDraft) -> Void
  ) throws -> UnpackedTree {
    try UnpackPlace().unpack(limits: limits, build)
  }

  /// In a place of its own; nil, and a failed test, where nothing is refused.
  static func refused(
    limits: UnpackLimits = UnpackLimits(), sourceLocation: SourceLocation = #_sourceLocation,
    _ build: (inout TarDraft) -> Void
  ) -> InstallFailure? {
    refused(gzipped: TarDraft.gzipped(build), limits: limits, sourceLocation: sourceLocation)
  }

  static func refused(
    gzipped: [UInt8], limits: UnpackLimits = UnpackLimits(), sourceLocation: SourceLocation = #_sourceLocation
  ) -> InstallFailure? {
    #expect(throws: InstallFailure.self, sourceLocation: sourceLocation) {
      let place = try UnpackPlace(inMemory: true)
      defer { #expect(place.escaped == [], sourceLocation: sourceLocation) }
      return try place.unpack(gzipped: gzipped, limits: limits)
    }
  }

  // MARK: Looking

  /// What was unpacked, sorted; folders end with a slash, links are not followed.
  var tree: [String] { Self.tree(inside) }

  /// What lies outside of the folder and was not put there by the test.
  var escaped: [String] {
    let known = ["in/", "neighbour", "tarball"]
    let names = Self.tree(path).filter { !$0.hasPrefix("in/") && !known.contains($0) }
    let isUntouched = FileManager.default.contents(atPath: path + "/neighbour") == Data("untouched".utf8)
    return isUntouched ? names : names + ["neighbour"]
  }

  private static func tree(_ path: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
    return names.map { status(path + "/" + $0).map { $0.st_mode & S_IFMT == S_IFDIR } == true ? $0 + "/" : $0 }
      .sorted()
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  /// All twelve bits as they are on disk, in octal.
  func mode(_ name: String) -> String? {
    Self.status(inside + "/" + name).map { String($0.st_mode & 0o7777, radix: 8) }
  }

  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: inside + "/" + name).map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: Other programs

  /// The script runs in this place. Its status, or nil where there is no shell.
  @discardableResult
  func shell(_ script: String) -> Int32? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
