"""HDF5 files for trials of `keras._files.hdf5_reader`, made by h5py.

random_files    files with random options, and a comparison of our reader with h5py
small_files     a small file for each structure of the format
mutations       changes of the bytes that the reader looks at
"""
