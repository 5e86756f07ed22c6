"""What an upload may be made of, in the names of ffmpeg. Everything else is refused."""

DEMUXERS = ("mov", "matroska", "mpegts", "avi", "flv", "ogg")
"""What phones, cameras, browsers, meeting and recording programs write: mov is MP4 and M4V too, matroska
is WebM too, flv was the default of OBS, ogg is what Wikimedia keeps. All are one file that refers to no
other. Left out: playlists and scripts (hls, dash, concat), pictures (image2, png_pipe...), subtitles,
devices, the network, and rarities whose demuxers nobody attacks but attackers.
"""

VIDEO_CODECS = {
    "h264": ("h264",),
    "hevc": ("hevc",),
    "av1": ("libdav1d", "libaom-av1", "av1"),
    "vp8": ("vp8", "libvpx"),
    "vp9": ("vp9", "libvpx-vp9"),
    "mpeg4": ("mpeg4",),
    "mpeg2video": ("mpeg2video",),
    "mpeg1video": ("mpeg1video",),
    "mjpeg": ("mjpeg",),
    "prores": ("prores",),
    "theora": ("theora",),
    "flv1": ("flv",),
    "h263": ("h263",),
}
"""By codec, the decoders that may be used for it."""

AUDIO_CODECS = {
    "aac": ("aac",),
    "mp3": ("mp3float", "mp3"),
    "mp2": ("mp2float", "mp2"),
    "ac3": ("ac3",),
    "eac3": ("eac3",),
    "opus": ("opus", "libopus"),
    "vorbis": ("vorbis", "libvorbis"),
    "flac": ("flac",),
    "alac": ("alac",),
    "amr_nb": ("amrnb",),
    "amr_wb": ("amrwb",),
    **{
        name: (name,)
        for name in (
            *("pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be"),
            *("pcm_f32le", "pcm_f32be", "pcm_mulaw", "pcm_alaw"),
        )
    },
}

TOLERATED_DECODERS = ("png", "mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text", "cc_dec")
"""Of what may lie beside picture and sound, and is never used: covers and subtitles."""

DECODERS = (
    *(decoder for decoders in VIDEO_CODECS.values() for decoder in decoders),
    *(decoder for decoders in AUDIO_CODECS.values() for decoder in decoders),
    *TOLERATED_DECODERS,
)

MAX_SIDE = 8192
MAX_PIXELS = MAX_SIDE * 4320
"""8K, in both the width of television (7680) and that of cinema (8192)."""

MIN_DURATION_MS = 1_000
MAX_DURATION_MS = 12 * 60 * 60 * 1000
