"""Why an upload cannot become a video: a code that stays, and what its teacher can do about it."""

from murph.core.errors import Unprocessable


class Unusable(Unprocessable):
    """This file cannot become a video."""

    code = "unusable_video"
    detail = "This file cannot be used as a video. Export it as MP4 (H.264 and AAC) and upload that."


class NotAVideo(Unusable):
    """It is something else: a playlist, a picture, text, an archive."""

    code = "not_a_video"
    detail = "This is no video that we can read. Upload MP4, MOV, WebM, MKV, AVI, FLV, Ogg or MPEG-TS."


class NoVideoTrack(Unusable):
    """It has sound and no moving picture."""

    code = "no_video_track"
    detail = "This file has no video track. Add a picture to the sound, or upload the recording that has one."


class Truncated(Unusable):
    """It ends before its content does."""

    code = "truncated"
    detail = "The end of this file is missing. Check that it plays to its end, and upload it again."


class Corrupt(Unusable):
    """Its structure cannot be followed."""

    code = "corrupt"
    detail = "This file is damaged. Check that it plays on your computer, export it anew and upload it again."


class UnsupportedCodec(Unusable):
    """It is coded in a way that we do not take."""

    code = "unsupported_codec"
    detail = "This video is coded in a way we do not take. Export it as MP4 (H.264 and AAC) and upload that."


class Encrypted(Unusable):
    """It is protected against copying."""

    code = "encrypted"
    detail = "This video is protected against copying. Upload it without the protection."


class TooLong(Unusable):
    """It plays for more than twelve hours."""

    code = "too_long"
    detail = "This video is longer than 12 hours. Cut it into parts and upload each as a video of its own."


class TooShort(Unusable):
    """It plays for less than a second."""

    code = "too_short"
    detail = "This video is shorter than 1 second. Check that it is the right file, and upload that."


class TooLargePicture(Unusable):
    """Its picture is larger than 8K."""

    code = "too_large_picture"
    detail = "The picture is larger than 8K (8192 x 4320). Export the video smaller, such as 1920 x 1080."


class ProbeTimedOut(Unusable):
    """Looking at it did not come to an end."""

    code = "timed_out"
    detail = "It takes too long to look through this file. Export it as MP4 (H.264 and AAC) and upload that."


class UploadMissing(Unusable):
    """Storage has lost it."""

    code = "upload_missing"
    detail = "The uploaded file is no longer here. Upload it again."


class Fragmented(Unusable):
    """An MP4 in fragments, which cannot be delivered as it is."""

    code = "fragmented"
    detail = "This MP4 is stored in fragments, which takes ffmpeg to read. Export it as a plain MP4."


class NotInterleaved(Unusable):
    """An MP4 whose bytes do not lie in the order in which they play."""

    code = "not_interleaved"
    detail = (
        "Picture and sound of this MP4 do not lie side by side, which takes ffmpeg to mend. Export it anew "
        "for the web ('fast start')."
    )
