import FileSystem
import Glibc
import OpenSSLCrypto
import WireCoding

/// Writes checked entries below one folder, each by its own open folder, so that no path is ever followed.
struct TreeWriter {
  private let root: Folder
  private let binary: String
  private let mostFolders: Int
  private var files: [UnpackedFile] = []
  /// By the folded path: how it is spelled, and whether it is a folder.
  private var known: [String: (path: String, isFolder: Bool)] = [:]
  private var folders: [String] = []
  /// Those in `folders`, and those on the way to be.
  private var claimedFolders = 0
  /// Open folders, by path. Emptied when there are many: tarballs go through a tree folder by folder.
  private var open: [String: Folder] = [:]
  private static let mostOpen = 32

  /// The file that is being written; closed with the value.
  private final class Current {
    let path: String
    let descriptor: Int32
    let mode: mode_t
    let hasher: StreamHasher
    var size = 0

    init(path: String, descriptor: Int32, mode: mode_t, hasher: StreamHasher) {
      self.path = path
      self.descriptor = descriptor
      self.mode = mode
      self.hasher = hasher
    }

    deinit { close(descriptor) }
  }
  private var current: Current?

  init(_ root: Folder, binary: String, mostFolders: Int) {
    self.root = root
    self.binary = binary
    self.mostFolders = mostFolders
  }

  // MARK: Folders

  mutating func makeFolder(_ path: EntryPath) throws(InstallFailure) { _ = try folder(path.components[...]) }

  /// The folder of these components, made where it is missing.
  private mutating func folder(_ components: ArraySlice<String>) throws(InstallFailure) -> Folder {
    guard let name = components.last else { return root }
    let path = components.joined(separator: "/")
    let isNew = try claim(path, isFolder: true)
    // One file can ask for as many folders as a path has components, and for a text for each.
    if isNew {
      claimedFolders += 1
      guard claimedFolders <= mostFolders else { throw InstallFailure.tooManyEntries(mostFolders) }
    }
    if let folder = open[path] { return folder }
    let parent = try folder(components.dropLast())
    do throws(SystemError) {
      if isNew {
        try parent.makeFolder(name, mode: 0o755)
        folders.append(path)
      }
      let folder = try parent.subfolder(name)
      // Whatever the umask took away.
      if isNew { try system { fchmod(folder.descriptor, 0o755) } }
      if open.count >= Self.mostOpen { open = [:] }
      open[path] = folder
      return folder
    } catch { throw Self.problem(path, error) }
  }

  /// True if nothing is there under that name yet. Throws where something else is, or its name differs in case or form.
  private mutating func claim(_ path: String, isFolder: Bool) throws(InstallFailure) -> Bool {
    let folded = EntryPath.folded(path)
    guard let other = known[folded] else {
      known[folded] = (path, isFolder)
      return true
    }
    guard isFolder, other.isFolder, other.path.utf8.elementsEqual(path.utf8) else {
      throw InstallFailure(
        .unsafePath, "entry path `\(path)` rejected: entry collides with `\(other.path)`", presented: path)
    }
    return false
  }

  // MARK: Files

  mutating func begin(_ path: EntryPath, mode: UInt32) throws(InstallFailure) {
    guard let name = path.components.last else { return }
    let text = path.text
    let parent = try folder(path.components.dropLast())
    _ = try claim(text, isFolder: false)
    var bits = mode_t(mode)
    if text == binary, bits & 0o111 == 0 { bits |= 0o755 }
    // No setuid, setgid or sticky bit, no write for group and others; the owner reads and writes.
    bits = bits & 0o755 | 0o600
    do throws(SystemError) {
      let descriptor = try parent.createForWriting(name)
      do throws(CryptoFailure) {
        current = Current(path: text, descriptor: descriptor, mode: bits, hasher: try StreamHasher([.sha256]))
      } catch {
        close(descriptor)
        throw SystemError(EIO)
      }
    } catch { throw Self.problem(text, error) }
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(InstallFailure) {
    guard let file = current else { return }
    do throws(SystemError) {
      try writeAll(bytes, to: file.descriptor)
      do throws(CryptoFailure) { try file.hasher.update(bytes) } catch { throw SystemError(EIO) }
    } catch { throw Self.problem(file.path, error) }
    file.size += bytes.count
  }

  mutating func end() throws(InstallFailure) {
    guard let file = current else { return }
    current = nil
    do throws(SystemError) {
      try system { fchmod(file.descriptor, file.mode) }
      let digest: Digest
      do throws(CryptoFailure) { digest = try file.hasher.finish(.sha256) } catch { throw SystemError(EIO) }
      files.append(UnpackedFile(path: file.path, mode: file.mode, size: file.size, sha256: digest))
    } catch { throw Self.problem(file.path, error) }
  }

  /// With everything on the disk.
  mutating func finish() throws(InstallFailure) -> ([UnpackedFile], [String]) {
    do throws(SystemError) { try root.syncFileSystem() } catch {
      throw InstallFailure(.extractIo, "extract io error: sync: \(error.text)")
    }
    return (files, folders)
  }

  private static func problem(_ path: String, _ error: SystemError) -> InstallFailure {
    InstallFailure(.extractIo, "extract io error: unpack entry `\(path)`: \(error.text)")
  }
}
