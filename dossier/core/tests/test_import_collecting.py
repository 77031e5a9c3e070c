"""What imports change of the whole process is put back by the last of them, whichever that is."""

import gc
import sys
import threading

from dossier.core.imports.collecting import working_on_a_file


def test_the_last_of_several_imports_puts_back_what_the_first_found():
    found = (gc.isenabled(), sys.getswitchinterval())
    begun, go_on = threading.Event(), threading.Event()
    faults = []

    def work():
        try:
            with working_on_a_file():
                begun.set()
                go_on.wait(10)
        except Exception as fault:  # noqa: BLE001 - what went wrong in the thread is the result
            faults.append(fault)

    other = threading.Thread(target=work)
    with working_on_a_file():
        other.start()
        assert begun.wait(10)
        assert not gc.isenabled()
    assert not gc.isenabled()  # the other is still at work
    go_on.set()
    other.join(10)
    assert faults == []
    assert (gc.isenabled(), sys.getswitchinterval()) == found
